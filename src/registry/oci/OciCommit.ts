import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { formatReference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { digestConflict, numberNotFound } from '../lookupErrors';
import type { ModelEntry, RepositoryName } from '../Registry';
import { RESERVATION_DIGEST } from '../reserveNumber';
import { numberEntry } from './numberEntry';
import { OciModels } from './OciModels';
import type { OciRepository } from './OciRepository';
import { readTags, type RepositoryTags } from './readTags';
import {
  formatRecord,
  formatVoid,
  LARGEST_NUMBER,
  newRecordId,
  timeBehind,
  type NumberRecord,
} from './tagNames';

/** Times that a number is tried for while others do so too. */
const ROUNDS = 64;

/** Milliseconds after which whoever has left a record, and then nothing more, is taken for dead. */
const PATIENCE = 5_000;

/**
 * Makes a package that has been sent visible under a number.
 *
 * A registry takes whatever a tag is pointed at, also when two do it at once. So each first puts a record of what it is about
 * to do, under a tag that nobody else has, and lists the tags again. Of two that race at least one sees the record of the
 * other then, and one that sees another's does not go on before that one's record is void: the first of those who see each
 * other waits for this, all others withdraw theirs.
 */
export class OciCommit {
  readonly #digest: Digest;
  /** Records that are in the way, and when they were seen first. */
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly name: RepositoryName,
    private readonly repository: OciRepository,
    private readonly manifest: Uint8Array,
    private readonly signal: AbortSignal,
  ) {
    this.#digest = digestOf(manifest);
  }

  /**
   * Gives the next number.
   *
   * @param expected a new number points at no package
   * @throws RunwrightError RW_MODEL_CONFLICT (`expected`, or too many others are at it, or there is no number left)
   */
  async toNew(expected: Digest | null = null): Promise<ModelEntry> {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const number = (await this.#readTags()).highest + 1;
      if (expected !== null) throw digestConflict(this.name, number, null, expected);
      if (number > LARGEST_NUMBER) throw this.#exhausted();
      const record = this.#newRecord(number, []);
      if (await this.#takes(record)) {
        await this.repository.putManifest(String(number), this.manifest);
        return numberEntry(this.name, number, this.#digest, [record], []);
      }
      await this.#withdraw(record, round);
    }
    throw this.#crowded();
  }

  /**
   * Points a number at the package, and then the aliases that follow it.
   *
   * @param expected only go on when the number points at this package still (`null`: at none)
   * @throws RunwrightError RW_MODEL_NOT_FOUND (the number), RW_MODEL_CONFLICT (`expected`)
   */
  async toExisting(number: number, expected: Digest | null | undefined): Promise<ModelEntry> {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const models = await OciModels.read(this.name, this.repository);
      const isThere = models?.tags.numbers.includes(number) === true;
      const current = isThere ? await models.target(String(number)) : undefined;
      if (models === undefined || current === undefined) {
        throw numberNotFound(this.name, number, models?.numbered() ?? []);
      }
      const found = current === RESERVATION_DIGEST ? null : current;
      if (expected !== undefined && expected !== found) {
        throw digestConflict(this.name, number, found, expected);
      }
      const records = models.tags.records.get(number) ?? [];
      const followers = (await models.aliases([number])).get(number) ?? [];
      if (current === this.#digest && records.some(({ digest }) => digest === current)) {
        // Whoever registered it may have been killed on the way to the aliases.
        await this.#pointAliases(followers, models);
        return models.entry(number, current);
      }
      const record = this.#newRecord(number, records);
      await this.#putRecord(record);
      const rivals = (tags: RepositoryTags) =>
        pending(tags, record, current).filter(({ id }) => !this.#isDead(id));
      if (expected === undefined || (await this.#prevails(record, rivals))) {
        await this.repository.putManifest(String(number), this.manifest);
        await this.#pointAliases(followers);
        return numberEntry(this.name, number, this.#digest, [...records, record], followers);
      }
      await this.#withdraw(record, round);
    }
    throw this.#crowded();
  }

  #newRecord(number: number, before: readonly NumberRecord[]): NumberRecord {
    const time = timeBehind(before.at(-1)?.time);
    return { kind: 'record', number, time, digest: this.#digest, id: newRecordId() };
  }

  async #putRecord(record: NumberRecord): Promise<void> {
    await this.repository.putManifest(formatRecord(record), this.manifest);
  }

  /** Whether a new number can be this record's. */
  async #takes(record: NumberRecord): Promise<boolean> {
    const { number } = record;
    try {
      await this.#putRecord(record);
      const rivals = (tags: RepositoryTags) => others(tags, record);
      return await this.#prevails(record, rivals, (tags) => tags.numbers.includes(number));
    } catch (error) {
      // Somebody else may have got the number: then the record would stand in its history, and nobody would know why.
      await this.repository.putManifest(formatVoid(record.id), this.manifest).catch(() => undefined);
      throw error;
    }
  }

  /** Whether nobody else is in the way of a record any more. False as soon as it is clear that it must give way. */
  async #prevails(
    record: NumberRecord,
    rivalsIn: (tags: RepositoryTags) => NumberRecord[],
    isLost: (tags: RepositoryTags) => boolean = () => false,
  ): Promise<boolean> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const tags = await this.#readTags();
      const isListed = tags.records.get(record.number)?.some(({ id }) => id === record.id) === true;
      const rivals = rivalsIn(tags);
      if (isListed && rivals.length === 0) return !isLost(tags);
      const isFirst = rivals.every(({ time, id }) => record.time + record.id < time + id);
      if (isLost(tags) || !isFirst) return false;
      if (performance.now() > until) {
        if (!isListed) throw this.#forgetful();
        return false;
      }
      await this.#pause(100);
    }
  }

  /** Only for a number that is there: a new one that somebody has begun is left to them for good. */
  #isDead(id: string): boolean {
    const since = this.#seen.get(id) ?? performance.now();
    this.#seen.set(id, since);
    return performance.now() - since > PATIENCE;
  }

  async #withdraw(record: NumberRecord, round: number): Promise<void> {
    await this.repository.putManifest(formatVoid(record.id), this.manifest);
    await this.#pause(50 * 2 ** Math.min(round, 5));
  }

  async #pointAliases(aliases: readonly string[], models?: OciModels): Promise<void> {
    for (const alias of aliases) {
      if ((await models?.target(alias)) !== this.#digest)
        await this.repository.putManifest(alias, this.manifest);
    }
  }

  async #readTags(): Promise<RepositoryTags> {
    return readTags((await this.repository.tags()) ?? []);
  }

  /** An abort shows in the next request. */
  async #pause(longest: number): Promise<void> {
    await sleep(Math.random() * longest, undefined, { signal: this.signal }).catch(() => undefined);
  }

  #crowded(): RunwrightError {
    return new RunwrightError('RW_MODEL_CONFLICT', {
      where: formatReference(this.name),
      what: `others registered at the same time, ${ROUNDS} times in a row`,
      hint: 'Register again when fewer do so at once',
    });
  }

  #exhausted(): RunwrightError {
    return new RunwrightError('RW_MODEL_CONFLICT', {
      where: formatReference(this.name),
      what: `no number is left: ${LARGEST_NUMBER} is the largest, and the repository has it as a tag`,
      hint: 'Remove that tag with the tools of the registry, or register into another repository',
    });
  }

  #forgetful(): RunwrightError {
    return new RunwrightError('RW_REGISTRY_ANSWER', {
      where: formatReference(this.name),
      what: `the registry does not list a tag that was put ${PATIENCE / 1000} s ago`,
      hint: 'Look for a cache in front of the registry: lists of tags must not come out of one',
    });
  }
}

/** The valid records of a number but one's own. */
function others(tags: RepositoryTags, own: NumberRecord): NumberRecord[] {
  return (tags.records.get(own.number) ?? []).filter(({ id }) => id !== own.id);
}

/** Those among them of which the number's tag does not show yet what has become of them. */
function pending(tags: RepositoryTags, own: NumberRecord, current: Digest): NumberRecord[] {
  const records = others(tags, own);
  return records.slice(records.findLastIndex(({ digest }) => digest === current) + 1);
}
