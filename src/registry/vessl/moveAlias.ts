import { numberNotServable } from '../lookupErrors';
import type { ModelEntry, RepositoryName } from '../Registry';
import { entryOf } from './ModelState';
import { updatePointer } from './updatePointer';
import type { VesslModels } from './VesslModels';

/**
 * Points an alias at a number. It moves when the number's pointer is written, since the latest claim holds; then it is taken
 * off the numbers that had it before.
 *
 * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE
 */
export async function moveAlias(
  models: VesslModels,
  name: RepositoryName,
  alias: string,
  number: number,
): Promise<ModelEntry> {
  const { platform } = models;
  const target = await models.state(name, number);
  if (target.pointer === undefined) throw numberNotServable(name, number);
  const others = (await models.states(name)).filter(({ model }) => model.number !== number);
  const claims = others.map(({ pointer }) => Date.parse(pointer?.aliases[alias] ?? '') || 0);
  const since = new Date(Math.max(Date.now(), ...claims.map((time) => time + 1))).toISOString();
  const moved = await updatePointer(platform, name, target, (before) => {
    if (before === undefined) throw numberNotServable(name, number);
    return { ...before, aliases: { ...before.aliases, [alias]: since } };
  });
  for (const other of others) {
    const { pointer } = other;
    if (pointer?.aliases[alias] === undefined) continue;
    await updatePointer(platform, name, other, (before = pointer) => {
      const { [alias]: claim = '', ...aliases } = before.aliases;
      return claim > since ? before : { ...before, aliases };
    });
  }
  return entryOf(name, moved);
}
