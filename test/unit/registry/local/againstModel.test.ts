import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../../../src/artifact/Digest';
import { parseReference } from '../../../../src/artifact/Reference';
import { LocalRegistry } from '../../../../src/registry/local/LocalRegistry';
import { publishTiny } from '../tinyPackage';

const name = { organization: 'acme', repository: 'iris' };

interface ModelNumber {
  digest: Digest | null;
  history: Digest[];
}

type Step =
  | { kind: 'create' }
  | { kind: 'publish'; content: number }
  | { kind: 'register'; number: number; content: number; expect: 'nothing' | 'right' | 'wrong' }
  | { kind: 'alias'; alias: string; number: number };

const number = fc.integer({ min: 1, max: 5 });
const content = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
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

const codeOf = (error: unknown): string => (error as { code: string }).code;

/** The registry as it should be: numbers in an array, aliases in a map. */
class Model {
  readonly numbers: ModelNumber[] = [];
  readonly aliases = new Map<string, number>();
  readonly digests = new Map<number, Digest>();

  async take(registry: LocalRegistry, step: Step): Promise<void> {
    if (step.kind === 'create') {
      expect((await registry.createModel(name)).number).toBe(
        this.numbers.push({ digest: null, history: [] }),
      );
      return;
    }
    if (step.kind === 'publish') {
      const entry = await publishTiny(registry, name, `content ${step.content}`);
      this.#sameContentSameDigest(step.content, entry.digest);
      expect(entry.number).toBe(this.numbers.push({ digest: entry.digest, history: [] }));
      return;
    }
    const known = this.numbers[step.number - 1];
    if (step.kind === 'alias') {
      const outcome = await registry.setAlias(name, step.alias, step.number).then(() => 'done', codeOf);
      if (known === undefined) expect(outcome).toBe('RW_MODEL_NOT_FOUND');
      else if (known.digest === null) expect(outcome).toBe('RW_MODEL_NOT_SERVABLE');
      else {
        expect(outcome).toBe('done');
        this.aliases.set(step.alias, step.number);
      }
      return;
    }
    const wrong: Digest = `sha256:${'0'.repeat(64)}`;
    const expectation =
      step.expect === 'nothing'
        ? {}
        : { expectedDigest: step.expect === 'right' ? (known?.digest ?? null) : wrong };
    const options = { number: step.number, ...expectation };
    const outcome = await publishTiny(registry, name, `content ${step.content}`, options).catch(codeOf);
    if (known === undefined) expect(outcome).toBe('RW_MODEL_NOT_FOUND');
    else if (step.expect === 'wrong') expect(outcome).toBe('RW_MODEL_CONFLICT');
    else {
      if (typeof outcome === 'string') throw new Error(outcome);
      this.#sameContentSameDigest(step.content, outcome.digest);
      if (known.digest !== null && known.digest !== outcome.digest) known.history.unshift(known.digest);
      known.digest = outcome.digest;
    }
  }

  async compare(registry: LocalRegistry): Promise<void> {
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
      this.numbers.map(({ digest, history }, at) => ({
        number: at + 1,
        digest,
        servable: digest !== null,
        registered: digest !== null,
        aliases: [...this.aliases].flatMap(([alias, target]) => (target === at + 1 ? [alias] : [])).sort(),
        history,
      })),
    );
    const resolve = (reference: string) =>
      registry.resolve(parseReference(`acme/${reference}`)).then(({ digest }) => digest, codeOf);
    const newest = this.numbers.findLast(({ digest }) => digest !== null);
    const none = this.numbers.length === 0 ? 'RW_MODEL_NOT_FOUND' : 'RW_MODEL_NOT_SERVABLE';
    expect(await resolve('iris')).toBe(newest?.digest ?? none);
    for (const [alias, target] of this.aliases) {
      expect(await resolve(`iris:${alias}`)).toBe(this.numbers[target - 1]?.digest);
    }
    for (const [at, { digest, history }] of this.numbers.entries()) {
      expect(await resolve(`iris:${at + 1}`)).toBe(digest ?? 'RW_MODEL_NOT_SERVABLE');
      for (const former of history) {
        expect(await resolve(`iris:${at + 1}@${former}`)).toBe(former);
        expect(await resolve(`iris@${former}`)).toBe(former);
      }
    }
  }

  #sameContentSameDigest(content: number, digest: Digest | null): void {
    if (digest === null) throw new Error('a registered number has a digest');
    expect(this.digests.get(content) ?? digest).toBe(digest);
    this.digests.set(content, digest);
  }
}

describe('the local registry, against a model of it', () => {
  let home = '';
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-model-'));
  });
  afterAll(() => {
    rmSync(home, { recursive: true });
  });

  it('agrees after any sequence of operations', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        runs += 1;
        const directory = join(home, `registry-${runs}`);
        const model = new Model();
        for (const one of steps) await model.take(new LocalRegistry({ directory }), one);
        await model.compare(new LocalRegistry({ directory }));
        if (model.numbers.length > 0) {
          expect(readdirSync(join(directory, 'acme', 'iris')).sort()).toEqual([
            'blobs',
            'index.json',
            'oci-layout',
          ]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
