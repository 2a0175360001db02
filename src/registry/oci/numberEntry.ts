import type { Digest } from '../../artifact/Digest';
import type { ModelEntry, RepositoryName } from '../Registry';
import { RESERVATION_DIGEST } from '../reserveNumber';
import type { NumberRecord } from './tagNames';

/**
 * What the records of a number tell of it.
 *
 * @param digest what the number's tag points at
 * @param records of this number, the oldest first
 */
export function numberEntry(
  { organization, repository }: RepositoryName,
  number: number,
  digest: Digest,
  records: readonly NumberRecord[],
  aliases: readonly string[],
): ModelEntry {
  const runs = runsOf(records, digest);
  const servable = digest !== RESERVATION_DIGEST;
  const current = runs.at(-1);
  const isRecorded = current?.digest === digest;
  const history = runs
    .map((run, at) => ({ digest: run.digest, supersededAt: later(run.time, runs[at + 1]?.time) }))
    .slice(0, isRecorded ? -1 : undefined)
    .filter((former) => former.digest !== RESERVATION_DIGEST)
    .reverse();
  return {
    organization,
    repository,
    number,
    digest: servable ? digest : null,
    servable,
    registeredAt: servable && isRecorded ? current.time : null,
    aliases: [...aliases].sort(),
    history,
  };
}

/**
 * The packages one after the other, each with its first time. The one that the tag points at is the last, whatever the
 * clocks say of registrations that ran at once.
 */
function runsOf(records: readonly NumberRecord[], digest: Digest): NumberRecord[] {
  const at = records.findLastIndex((record) => record.digest === digest);
  const ordered = at === -1 ? records : [...records.toSpliced(at, 1), ...records.slice(at, at + 1)];
  return ordered.filter((record, index) => record.digest !== ordered[index - 1]?.digest);
}

function later(time: string, other: string | undefined): string {
  return other !== undefined && other > time ? other : time;
}
