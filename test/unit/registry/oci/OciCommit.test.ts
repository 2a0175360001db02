import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../../../src/artifact/Digest';
import { formatRecord, parseTagName } from '../../../../src/registry/oci/tagNames';
import { RESERVATION_DIGEST } from '../../../../src/registry/reserveNumber';
import { publishTiny } from '../tinyPackage';
import { IRIS, OciStage, resolve } from './OciStage';

const CONFLICT = { code: 'RW_MODEL_CONFLICT' };

describe('OciCommit', () => {
  let stage: OciStage;
  beforeEach(async () => {
    stage = await OciStage.open();
  });
  afterEach(() => stage.close());
  const tagsOf = () => stage.server.store.repository('acme/iris').tags;
  const outcomes = async (work: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(work)).map((result) =>
      result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code,
    );

  it('gives 16 who publish at once a number each', async () => {
    const given = await Promise.all(
      Array.from({ length: 16 }, (_, at) => publishTiny(stage.registry(), IRIS, `package ${at}`)),
    );
    expect(new Set(given.map(({ number }) => number)).size).toBe(16);
    expect(await stage.registry().listModels()).toEqual(given.sort((a, b) => a.number - b.number));
    for (const { number, digest } of given) expect(tagsOf().get(String(number))).toBe(digest);
  });

  it('gives two the same package two numbers', async () => {
    const given = await Promise.all([1, 2].map(() => publishTiny(stage.registry(), IRIS, 'same')));
    expect(new Set(given.map(({ number }) => number)).size).toBe(2);
    expect(given[0]?.digest).toBe(given[1]?.digest);
  });

  it('never gives a number to two whose requests are ordered in the worst way', async () => {
    // Both list the tags before either puts its record, and both put it before either lists them again.
    const lists = () => stage.server.seen('GET', '/tags/list');
    const answered = () => lists().filter(({ status }) => status !== 0).length;
    const records = () => [...tagsOf().keys()].filter((tag) => tag.startsWith('_1.')).length;
    stage.server.intercept = async ({ method, path }) => {
      if (method === 'PUT' && path.includes('/manifests/_1.')) while (answered() < 2) await sleep(5);
      else if (method === 'GET' && path.endsWith('/tags/list') && lists().length > 2)
        while (records() < 2) await sleep(5);
      return undefined;
    };
    const given = await Promise.all(
      ['one', 'two'].map((content) => publishTiny(stage.registry(), IRIS, content)),
    );
    expect(given.map(({ number }) => number).sort()).toEqual([1, 2]);
    expect(await stage.registry().listModels()).toHaveLength(2);
  });

  it('leaves a number to whoever has begun it, killed or not', async () => {
    await publishTiny(stage.registry(), IRIS, 'one');
    const digest = tagsOf().get('1') as Digest;
    tagsOf().set(formatRecord({ number: 2, time: new Date().toISOString(), digest, id: '00000000' }), digest);
    expect(await publishTiny(stage.registry(), IRIS, 'two')).toMatchObject({ number: 3 });
    expect((await stage.registry().listModels()).map(({ number }) => number)).toEqual([1, 3]);
  });

  it('has no number behind the largest one', async () => {
    stage.server.store.repository('acme/iris').tags.set('9'.repeat(15), RESERVATION_DIGEST);
    await expect(publishTiny(stage.registry(), IRIS, 'one')).rejects.toMatchObject({
      code: 'RW_MODEL_CONFLICT',
      hint: expect.stringContaining('Remove that tag'),
    });
    expect([...stage.server.store.repository('acme/iris').tags.keys()]).toEqual(['9'.repeat(15)]);
  });

  it('withdraws before a number that came meanwhile', async () => {
    const first = stage.registry();
    await publishTiny(first, IRIS, 'one');
    const digest = tagsOf().get('1') as Digest;
    // Another tool puts the tag between the two looks.
    stage.server.intercept = ({ method, path }) => {
      if (method === 'PUT' && /\/manifests\/_2\./.test(path)) tagsOf().set('2', digest);
      return undefined;
    };
    expect(await publishTiny(stage.registry(), IRIS, 'two')).toMatchObject({ number: 3 });
    expect(tagsOf().get('2')).toBe(digest);
    expect([...tagsOf().keys()].filter((tag) => parseTagName(tag)?.kind === 'void')).toHaveLength(1);
    expect(await stage.registry().readEntry(IRIS, 2)).toMatchObject({ registeredAt: null, history: [] });
  });

  it('lets exactly one win of those who expect the same', async () => {
    const before = await publishTiny(stage.registry(), IRIS, 'before');
    const contents = Array.from({ length: 6 }, (_, at) => `package ${at}`);
    const ended = await outcomes(
      contents.map((content) =>
        publishTiny(stage.registry(), IRIS, content, { number: 1, expectedDigest: before.digest }),
      ),
    );
    expect(ended.toSorted()).toEqual([...Array.from({ length: 5 }, () => 'RW_MODEL_CONFLICT'), 'done']);
    const entry = await stage.registry().readEntry(IRIS, 1);
    expect(entry.history.map(({ digest }) => digest)).toEqual([before.digest]);
  });

  it(
    'waits for somebody who has begun to register, and then takes them for dead',
    { timeout: 20_000 },
    async () => {
      const before = await publishTiny(stage.registry(), IRIS, 'before');
      const digest = before.digest as Digest;
      const time = new Date(Date.parse(String(before.registeredAt)) + 1).toISOString();
      const other = await publishTiny(stage.registry(), IRIS, 'other');
      const killed = formatRecord({ number: 1, time, digest: other.digest as Digest, id: '00000000' });
      tagsOf().set(killed, other.digest as Digest);
      const began = performance.now();
      const entry = await publishTiny(stage.registry(), IRIS, 'after', { number: 1, expectedDigest: digest });
      expect(performance.now() - began).toBeGreaterThan(4_000);
      expect(tagsOf().get('1')).toBe(entry.digest);
      // From here on it is part of the past.
      const again = performance.now();
      await publishTiny(stage.registry(), IRIS, 'last', { number: 1, expectedDigest: entry.digest });
      expect(performance.now() - again).toBeLessThan(4_000);
    },
  );

  it('compares before anything is put', async () => {
    const one = await publishTiny(stage.registry(), IRIS, 'one');
    const before = new Map(tagsOf());
    for (const expectedDigest of [null, `sha256:${'0'.repeat(64)}` as const]) {
      await expect(
        publishTiny(stage.registry(), IRIS, 'two', { number: 1, expectedDigest }),
      ).rejects.toMatchObject({
        ...CONFLICT,
        what: expect.stringContaining(String(one.digest)),
      });
    }
    const expectedDigest = `sha256:${'0'.repeat(64)}` as const;
    await expect(publishTiny(stage.registry(), IRIS, 'two', { expectedDigest })).rejects.toMatchObject(
      CONFLICT,
    );
    expect(tagsOf()).toEqual(before);
  });

  it('keeps the order of registrations though clocks differ', async () => {
    await publishTiny(stage.registry(), IRIS, 'one');
    const digest = tagsOf().get('1') as Digest;
    const time = '2999-01-01T00:00:00.000Z';
    tagsOf().set(formatRecord({ number: 1, time, digest, id: 'ffffffff' }), digest);
    const two = await publishTiny(stage.registry(), IRIS, 'two', { number: 1 });
    expect(two.registeredAt).toBe('2999-01-01T00:00:00.001Z');
    const three = await publishTiny(stage.registry(), IRIS, 'three', { number: 1 });
    expect(three.history.map(({ digest: former }) => former)).toEqual([two.digest, digest]);
    expect(await stage.registry().readEntry(IRIS, 1)).toEqual(three);
  });

  it('changes nothing when the same package is registered once more, and loses no former one', async () => {
    const registry = stage.registry();
    const one = await publishTiny(registry, IRIS, 'one');
    const two = await publishTiny(registry, IRIS, 'two', { number: 1 });
    const before = new Map(tagsOf());
    expect(await publishTiny(stage.registry(), IRIS, 'two', { number: 1 })).toEqual(two);
    expect(tagsOf()).toEqual(before);
    const former = await resolve(stage.registry(), `iris:1@${one.digest}`);
    expect(former).toMatchObject({ digest: one.digest, entry: two });
    expect((await resolve(stage.registry(), `iris@${one.digest}`)).entry).toBeNull();
  });

  it('is not undone by an answer that is lost', async () => {
    stage.server.intercept = ({ method, path, nth }) =>
      method === 'PUT' && path.includes('/manifests/') && nth === 1 ? 'loseAnswer' : undefined;
    expect(await publishTiny(stage.registry(), IRIS, 'one')).toMatchObject({ number: 1 });
    expect(await stage.registry().listModels()).toHaveLength(1);
  });

  it('does not go on where the registry hides what was put', { timeout: 20_000 }, async () => {
    stage.server.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith('/tags/list') ? { status: 200, body: '{"tags":["7"]}' } : undefined;
    await expect(publishTiny(stage.registry(), IRIS, 'one')).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
    expect(tagsOf().has('8')).toBe(false);
  });
});
