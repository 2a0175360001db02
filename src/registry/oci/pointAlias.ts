import { RunwrightError } from '../../errors/RunwrightError';
import { digestNotFound } from '../lookupErrors';
import { findPatiently } from './findPatiently';
import type { OciModels } from './OciModels';
import { formatAliasRecord, hashAlias, newRecordId, parseTagName, timeBehind } from './tagNames';

/**
 * Points an alias at a number: first the record that says which number it follows, then the tag. Killed between the two it
 * follows the number that it did before.
 *
 * @throws RunwrightError RW_REFERENCE_INVALID (a tag of Runwright's own), RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE
 */
export async function pointAlias(models: OciModels, alias: string, number: number): Promise<void> {
  if (parseTagName(alias)?.kind !== 'alias') {
    throw new RunwrightError('RW_REFERENCE_INVALID', {
      where: alias,
      what: 'tags of this form are used for records of registrations',
      hint: 'Choose another alias',
    });
  }
  const { repository, name, tags } = models;
  const digest = await models.servable(number);
  const newest = tags.aliases.get(alias)?.[0];
  if (newest?.number === number && (await models.target(alias)) === digest) return;
  const manifest = await findPatiently(() => repository.readManifest(digest));
  if (manifest === undefined) throw digestNotFound(name, digest);
  const record = {
    number,
    time: timeBehind(newest?.time),
    aliasHash: hashAlias(alias),
    id: newRecordId(),
  };
  await repository.putManifest(formatAliasRecord(record), manifest.bytes);
  await repository.putManifest(alias, manifest.bytes);
}
