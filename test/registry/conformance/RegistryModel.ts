import fc from 'fast-check';
import { expect } from 'vitest';
import type { Digest } from '../../../src/artifact/Digest';
import type { Registry } from '../../../src/registry/Registry';
import { publishPackage } from '../testPackage';
import { ABSENT, IRIS, outcomeOf, resolveText } from './RegistryStage';

interface ModelNumber {
  digest: Digest | null;
  history: Digest[];
}

export type Step =
  | { kind: 'create' }
  | { kind: 'publish'; content: number }
  | { kind: 'register'; number: number; content: number; expect: 'nothing' | 'right' | 'wrong' }
  | { kind: 'alias'; alias: string; number: number };

const number = fc.integer({ min: 1, max: 4 });
const content = fc.nat(3);

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const) }),
  fc.record({ kind: fc.constant('publish' as const), content }),
  fc.record({
    kind: fc.constant('register' as const),
    number,
    content,
    expect: fc.constantFrom('nothing' as const, 'right' as const, 'wrong' as const),
  }),
  fc.record({ kind: fc.constant('alias' as const), alias: fc.constantFrom('stable', 'best', 'old'), number }),
);

/** One repository as it should be: numbers in an array, aliases in a map. */
export class RegistryModel {
  readonly #numbers: ModelNumber[] = [];
  readonly #aliases = new Map<string, number>();
  readonly #digests = new Map<number, Digest>();

  /** Does it to the registry and to the model, and compares what comes of it. */
  async take(registry: Registry, step: Step): Promise<void> {
    if (step.kind === 'create') {
      expect((await registry.createModel(IRIS)).number).toBe(
        this.#numbers.push({ digest: null, history: [] }),
      );
      return;
    }
    if (step.kind === 'publish') {
      const entry = await publishPackage(registry, IRIS, `content ${step.content}`);
      this.#sameContentSameDigest(step.content, entry.digest);
      expect(entry.number).toBe(this.#numbers.push({ digest: entry.digest, history: [] }));
      return;
    }
    const known = this.#numbers[step.number - 1];
    if (step.kind === 'alias') {
      const outcome = await outcomeOf(registry.setAlias(IRIS, step.alias, step.number));
      if (known === undefined) expect(outcome).toBe('RW_MODEL_NOT_FOUND');
      else if (known.digest === null) expect(outcome).toBe('RW_MODEL_NOT_SERVABLE');
      else {
        expect(outcome).toBe('done');
        this.#aliases.set(step.alias, step.number);
      }
      return;
    }
    const expectation =
      step.expect === 'nothing'
        ? {}
        : { expectedDigest: step.expect === 'right' ? (known?.digest ?? null) : ABSENT };
    const registering = publishPackage(registry, IRIS, `content ${step.content}`, {
      number: step.number,
      ...expectation,
    });
    const outcome = await outcomeOf(registering);
    if (known === undefined) expect(outcome).toBe('RW_MODEL_NOT_FOUND');
    else if (step.expect === 'wrong') expect(outcome).toBe('RW_MODEL_CONFLICT');
    else {
      const { digest } = await registering;
      this.#sameContentSameDigest(step.content, digest);
      if (known.digest !== null && known.digest !== digest) known.history.unshift(known.digest);
      known.digest = digest;
    }
  }

  async compare(registry: Registry): Promise<void> {
    const listed = await registry.listModels();
    expect(
      listed.map((entry) => ({
        number: entry.number,
        digest: entry.digest,
        servable: entry.servable,
        registered: entry.registeredAt !== null,
        aliases: entry.aliases,
        history: entry.history.map(({ digest }) => digest),
      })),
    ).toEqual(
      this.#numbers.map(({ digest, history }, at) => ({
        number: at + 1,
        digest,
        servable: digest !== null,
        registered: digest !== null,
        aliases: [...this.#aliases].flatMap(([alias, target]) => (target === at + 1 ? [alias] : [])).sort(),
        history,
      })),
    );
    const resolve = (reference: string) =>
      resolveText(registry, reference).then(
        ({ digest }) => digest,
        (error: unknown) => (error as { code: string }).code,
      );
    const newest = this.#numbers.findLast(({ digest }) => digest !== null);
    const none = this.#numbers.length === 0 ? 'RW_MODEL_NOT_FOUND' : 'RW_MODEL_NOT_SERVABLE';
    expect(await resolve('iris')).toBe(newest?.digest ?? none);
    for (const [alias, target] of this.#aliases) {
      expect(await resolve(`iris:${alias}`)).toBe(this.#numbers[target - 1]?.digest);
    }
    for (const [at, { digest, history }] of this.#numbers.entries()) {
      expect(await resolve(`iris:${at + 1}`)).toBe(digest ?? 'RW_MODEL_NOT_SERVABLE');
      for (const former of history) {
        expect(await resolve(`iris:${at + 1}@${former}`)).toBe(former);
        expect(await resolve(`iris@${former}`)).toBe(former);
      }
    }
  }

  #sameContentSameDigest(content: number, digest: Digest | null): void {
    if (digest === null) throw new Error('a registered number has a digest');
    expect(this.#digests.get(content) ?? digest).toBe(digest);
    this.#digests.set(content, digest);
  }
}
