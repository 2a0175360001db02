import { randomBytes } from 'node:crypto';
import type { Digest } from '../../src/artifact/Digest';
import { digestOf } from '../../src/artifact/digestOf';
import { RunwrightError } from '../../src/errors/RunwrightError';
import type { Registry, RepositoryName } from '../../src/registry/Registry';
import { resolveText } from './conformance/RegistryStage';
import { putPackage, verifyPackage } from './testPackage';

/** What may become of an operation when its registry is hard to reach. Anything else is a fault of ours. */
const EXCUSES = new Set([
  'RW_REGISTRY_UNAVAILABLE',
  'RW_REGISTRY_DENIED',
  'RW_REGISTRY_ANSWER',
  'RW_PACKAGE_CORRUPT',
  'RW_MODEL_CONFLICT',
]);

interface NumberBook {
  /** Packages that were reported as registered. */
  readonly done: Set<Digest>;
  /** Those too of which nobody knows what became of them. */
  readonly tried: Set<Digest>;
}

interface AliasBook {
  /** Numbers that it may point at: the one reported last, and those tried since. */
  readonly may: Set<number>;
  reported: boolean;
}

/** One repository as those who write to it have been told. */
interface Book {
  readonly name: RepositoryName;
  readonly numbers: Map<number, NumberBook>;
  readonly aliases: Map<string, AliasBook>;
  /** Packages of new numbers that nobody was told of. */
  readonly lost: Set<Digest>;
}

/** Publishes, registers, points aliases and reads at random, and keeps account of what it was told. */
export class RegistryHavoc {
  readonly outcomes = new Map<string, number>();
  readonly #books: Book[] = [];
  readonly #shared = randomBytes(5_000);
  #registry: Registry | undefined;

  /** @param open a registry object with a cache of its own */
  constructor(private readonly open: () => Registry) {}

  /** Works on new repositories with so many hands until `isOver`. */
  async work(hands: number, isOver: () => boolean): Promise<void> {
    const workers = Array.from({ length: hands }, async (_, hand) => {
      for (let round = 0; !isOver(); round += 1) await this.#once(hand);
    });
    await Promise.all(workers);
  }

  /** Compares everything that was told with what is there: to be called when there are no faults any more. */
  async check(): Promise<{ numbers: number; packages: number }> {
    let numbers = 0;
    let packages = 0;
    for (const book of this.#books) {
      const registry = this.open();
      const models = await registry.listModels(book.name);
      const listed = new Map(models.map((entry) => [entry.number, entry]));
      if (listed.size !== models.length) throw new Error(`${book.name.repository}: a number is listed twice`);
      for (const [number, { done, tried }] of book.numbers) {
        const entry = listed.get(number);
        if (entry === undefined) throw new Error(`${book.name.repository}:${number} is lost`);
        const kept = new Set([entry.digest, ...entry.history.map(({ digest }) => digest)]);
        for (const digest of done) {
          if (!kept.has(digest)) throw new Error(`${book.name.repository}:${number}@${digest} is lost`);
        }
        if (entry.digest !== null && !tried.has(entry.digest)) {
          throw new Error(
            `${book.name.repository}:${number} points at ${entry.digest}, which nobody gave it`,
          );
        }
        numbers += 1;
      }
      for (const entry of models) {
        for (const digest of [entry.digest, ...entry.history.map((former) => former.digest)]) {
          if (digest === null) continue;
          // Whoever raced for a number, and was cut off, may have left their package in its history.
          const isKnown = book.numbers.get(entry.number)?.tried.has(digest) === true || book.lost.has(digest);
          if (!isKnown)
            throw new Error(`${book.name.repository}:${entry.number} has ${digest}, which nobody made`);
          await verifyPackage(
            registry,
            await resolveText(registry, `acme/${book.name.repository}@${digest}`),
          );
          packages += 1;
        }
      }
      await this.#checkAliases(registry, book);
    }
    return { numbers, packages };
  }

  async #checkAliases(registry: Registry, { name, aliases }: Book): Promise<void> {
    for (const [alias, { may, reported }] of aliases) {
      const number = await resolveText(registry, `acme/${name.repository}:${alias}`).then(
        ({ entry }) => entry?.number,
        (error: unknown) => {
          if (RunwrightError.is(error) && error.code === 'RW_MODEL_NOT_FOUND') return undefined;
          throw error;
        },
      );
      if (number === undefined ? reported : !may.has(number)) {
        throw new Error(`${name.repository}:${alias} points at ${number}, not at ${[...may].join(' or ')}`);
      }
    }
  }

  async #once(hand: number): Promise<void> {
    const dice = Math.random();
    const book = this.#book(dice);
    const registered = [...book.numbers].filter(([, { done }]) => done.size > 0).map(([number]) => number);
    const numbers = [...book.numbers.keys()];
    if (dice < 0.1 || numbers.length === 0) return this.#create(book);
    if (dice < 0.45) return this.#publish(book, null);
    if (dice < 0.65) return this.#publish(book, pick(numbers));
    if (registered.length === 0) return;
    if (dice < 0.75) return this.#alias(book, `hand-${hand}`, pick(registered));
    if (dice < 0.8) return this.#list(book, numbers);
    return this.#read(book, pick(registered));
  }

  /** Small repositories, so that the lists of their tags stay short. */
  #book(dice: number): Book {
    const last = this.#books.at(-1);
    if (last !== undefined && this.#books.length > 4 && (last.numbers.size < 8 || dice > 0.05))
      return pick(this.#books.slice(-5));
    const name = { organization: 'acme', repository: `havoc-${this.#books.length}` };
    const book: Book = { name, numbers: new Map(), aliases: new Map(), lost: new Set() };
    this.#books.push(book);
    return book;
  }

  async #create({ name, numbers }: Book): Promise<void> {
    const entry = await this.#try('create', this.#any().createModel(name));
    if (entry !== undefined) this.#give(numbers, entry.number, undefined);
  }

  async #publish({ name, numbers, lost }: Book, number: number | null): Promise<void> {
    const registry = this.#any();
    const weights = randomBytes(Math.floor(Math.random() * 20_000));
    const files = { 'shared.bin': this.#shared, 'weights.bin': weights, 'empty.bin': Buffer.alloc(0) };
    let digest: Digest | undefined;
    const publish = async () => {
      const publication = await registry.publish(name);
      try {
        const manifest = await putPackage(publication, files, String(Math.random()));
        digest = digestOf(manifest);
        if (number !== null) numbers.get(number)?.tried.add(digest);
        else lost.add(digest);
        return await publication.commit({ manifest, number });
      } finally {
        await publication.abandon();
      }
    };
    const entry = await this.#try(number === null ? 'publish' : 'register', publish());
    if (entry === undefined || digest === undefined) return;
    lost.delete(digest);
    if (number === null) this.#give(numbers, entry.number, digest);
    else numbers.get(number)?.done.add(digest);
    if (entry.digest !== digest) throw new Error('another package was reported than was given');
  }

  #give(numbers: Book['numbers'], number: number, digest: Digest | undefined): void {
    if (numbers.has(number)) throw new Error(`number ${number} was given twice`);
    const digests = digest === undefined ? [] : [digest];
    numbers.set(number, { done: new Set(digests), tried: new Set(digests) });
  }

  async #alias({ name, aliases }: Book, alias: string, number: number): Promise<void> {
    const known = aliases.get(alias) ?? { may: new Set(), reported: false };
    aliases.set(alias, known);
    known.may.add(number);
    const entry = await this.#try('alias', this.#any().setAlias(name, alias, number));
    if (entry !== undefined) aliases.set(alias, { may: new Set([number]), reported: true });
  }

  async #list({ name }: Book, numbers: readonly number[]): Promise<void> {
    const models = await this.#try('list', this.#any().listModels(name));
    const listed = new Set(models?.map(({ number }) => number));
    const missing = models && numbers.find((number) => !listed.has(number));
    if (missing !== undefined) throw new Error(`${name.repository}:${missing} is not listed`);
  }

  async #read({ name, numbers }: Book, number: number): Promise<void> {
    const registry = this.#any();
    const read = async (): Promise<void> => {
      const resolved = await resolveText(registry, `acme/${name.repository}:${number}`);
      await verifyPackage(registry, resolved);
      if (numbers.get(number)?.tried.has(resolved.digest) !== true) {
        throw new Error(`${name.repository}:${number} gives ${resolved.digest}, which nobody gave it`);
      }
    };
    await this.#try('read', read());
  }

  async #try<T>(kind: string, work: Promise<T>): Promise<T | undefined> {
    try {
      const result = await work;
      this.#count(`${kind}: done`);
      return result;
    } catch (error) {
      if (!RunwrightError.is(error) || !EXCUSES.has(error.code)) throw error;
      this.#count(`${kind}: ${error.code}`);
      return undefined;
    }
  }

  /** Mostly one that others use too: a new one has to connect, and knows nothing. */
  #any(): Registry {
    if (this.#registry === undefined || Math.random() < 0.1) this.#registry = this.open();
    return this.#registry;
  }

  #count(outcome: string): void {
    this.outcomes.set(outcome, 1 + (this.outcomes.get(outcome) ?? 0));
  }
}

function pick<T>(all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)] as T;
}
