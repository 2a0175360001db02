import { checkOptions } from '../errors/checkOptions';
import { RunwrightError } from '../errors/RunwrightError';
import type { ModelEntry } from '../registry/Registry';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';

/**
 * Points an alias at the number that a reference stands for; it may have pointed elsewhere.
 *
 * @throws RunwrightError RW_REFERENCE_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE, RW_IO
 * @example
 * await aliasModel('iris:3', 'stable');
 */
export async function aliasModel(
  reference: string,
  alias: string,
  options: RegistryOptions = {},
): Promise<ModelEntry> {
  checkOptions<RegistryOptions>('aliasModel', options, { registry: 'any', organizationName: 'string' });
  const { registry, resolved } = await resolveModel(reference, options);
  if (resolved.entry) return registry.setAlias(resolved, alias, resolved.entry.number);
  throw new RunwrightError('RW_MODEL_NOT_FOUND', {
    where: reference,
    what: 'no number points at this package any more, and an alias names a number',
    hint: 'Give a reference with a number, such as iris:3',
  });
}
