import type { Digest } from '../../artifact/Digest';
import { runConcurrently } from '../../lifecycle/runConcurrently';
import { numberNotFound, numberNotServable } from '../lookupErrors';
import type { ModelEntry, RepositoryName } from '../Registry';
import { RESERVATION_DIGEST } from '../reserveNumber';
import { findPatiently } from './findPatiently';
import { numberEntry } from './numberEntry';
import type { OciRepository } from './OciRepository';
import { readTags, type RepositoryTags } from './readTags';

/** Tags that are asked for at once. */
const CONCURRENCY = 8;

/**
 * The numbers and aliases of a repository as one listing of its tags tells them. What a tag points at is asked for only
 * where their names leave it open, and once.
 */
export class OciModels {
  readonly #targets = new Map<string, Promise<Digest | undefined>>();

  constructor(
    readonly name: RepositoryName,
    readonly repository: OciRepository,
    readonly tags: RepositoryTags,
  ) {}

  /** @returns `undefined` when the repository is not there, or has no tags */
  static async read(name: RepositoryName, repository: OciRepository): Promise<OciModels | undefined> {
    const tags = await repository.tags();
    return tags === undefined || tags.length === 0
      ? undefined
      : new OciModels(name, repository, readTags(tags));
  }

  /** What a tag that is listed points at now. */
  target(tag: string): Promise<Digest | undefined> {
    const known = this.#targets.get(tag) ?? findPatiently(() => this.repository.digestOf(tag));
    this.#targets.set(tag, known);
    return known;
  }

  /** What a number points at, by its records where they agree; `undefined` when it is gone by now. */
  async digestOf(number: number): Promise<Digest | undefined> {
    const digests = new Set(this.tags.records.get(number)?.map(({ digest }) => digest));
    const [first] = digests;
    const isOpen = digests.size !== 1 || this.#targets.has(String(number));
    return isOpen ? this.target(String(number)) : first;
  }

  /** @returns in the order of `numbers`, without those that are gone by now */
  async entries(numbers: readonly number[]): Promise<ModelEntry[]> {
    const digests = await runConcurrently(numbers, CONCURRENCY, (number) => this.digestOf(number));
    const aliases = await this.aliases(numbers);
    return numbers.flatMap((number, at) => {
      const digest = digests[at];
      return digest === undefined ? [] : [this.#entry(number, digest, aliases)];
    });
  }

  /**
   * @param digest what the number points at, where that is known
   * @throws RunwrightError RW_MODEL_NOT_FOUND
   */
  async entry(number: number, digest?: Digest): Promise<ModelEntry> {
    const found = this.tags.numbers.includes(number) ? (digest ?? (await this.digestOf(number))) : undefined;
    if (found === undefined) throw numberNotFound(this.name, number, this.numbered());
    return this.#entry(number, found, await this.aliases([number]));
  }

  /** The package that a number's tag points at right now. @throws RunwrightError RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE */
  async servable(number: number): Promise<Digest> {
    const digest = this.tags.numbers.includes(number) ? await this.target(String(number)) : undefined;
    if (digest === undefined) throw numberNotFound(this.name, number, this.numbered());
    if (digest === RESERVATION_DIGEST) throw numberNotServable(this.name, number);
    return digest;
  }

  /**
   * The number that an alias follows: the one that was said last of those that point, or pointed, at the alias's package. An
   * alias that another tool has put there or moved follows the newest number with its package.
   *
   * @param among the numbers of which it is asked; what it follows is `undefined` also when it is none of them
   */
  async numberOf(alias: string, among = this.tags.numbers): Promise<number | undefined> {
    const said = [...new Set(this.tags.aliases.get(alias)?.map(({ number }) => number))].filter((number) =>
      this.tags.numbers.includes(number),
    );
    if (said.length === 1 && !this.#targets.has(alias)) return said[0];
    const digest = await this.target(alias);
    if (digest === undefined) return undefined;
    for (const number of said) if (await this.#hadPackage(number, digest)) return number;
    const newest = await this.newestWith(digest, among);
    if (newest === undefined || among === this.tags.numbers) return newest;
    const behind = this.tags.numbers.filter((number) => number > newest);
    return (await this.newestWith(digest, behind)) ?? newest;
  }

  /** The newest number, of all or of these, that points at a package. */
  async newestWith(digest: Digest, among = this.tags.numbers): Promise<number | undefined> {
    const { records } = this.tags;
    const candidates = among.filter((number) => {
      const own = records.get(number);
      return own === undefined || own.some((record) => record.digest === digest);
    });
    // Most often it is one of the last.
    for (let end = candidates.length; end > 0; end -= CONCURRENCY) {
      const last = candidates.slice(Math.max(0, end - CONCURRENCY), end);
      const digests = await runConcurrently(last, CONCURRENCY, (number) => this.digestOf(number));
      const at = digests.lastIndexOf(digest);
      if (at !== -1) return last[at];
    }
    return undefined;
  }

  /** Those aliases that follow one of these numbers, by it. */
  async aliases(among: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>> {
    const aliases = among.length === 0 ? [] : [...this.tags.aliases.keys()];
    const numbers = await runConcurrently(aliases, CONCURRENCY, (alias) => this.numberOf(alias, among));
    const byNumber = new Map<number, string[]>();
    aliases.forEach((alias, at) => {
      const number = numbers[at];
      if (number !== undefined) byNumber.set(number, [...(byNumber.get(number) ?? []), alias]);
    });
    return byNumber;
  }

  /** What messages need to know of the numbers. */
  numbered(): { readonly number: number; readonly aliases: readonly string[] }[] {
    const { numbers, aliases } = this.tags;
    return numbers.map((number, at) => ({
      number,
      aliases: at === numbers.length - 1 ? [...aliases.keys()] : [],
    }));
  }

  async #hadPackage(number: number, digest: Digest): Promise<boolean> {
    const own = this.tags.records.get(number) ?? [];
    return own.some((record) => record.digest === digest) || (await this.digestOf(number)) === digest;
  }

  #entry(number: number, digest: Digest, aliases: ReadonlyMap<number, readonly string[]>): ModelEntry {
    const records = this.tags.records.get(number) ?? [];
    return numberEntry(this.name, number, digest, records, aliases.get(number) ?? []);
  }
}
