import { expect, it } from 'vitest';
import type { ModelEntry } from '../../../src/registry/Registry';
import { publishPackage, readContent, verifyPackage } from '../testPackage';
import { ABSENT, IRIS, numbersOf, outcomeOf, resolveText, type Conformance } from './RegistryStage';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export function describeNumbers({ stage, features }: Conformance): void {
  const formerDigests = ({ history }: ModelEntry) => history.map(({ digest }) => digest);

  it('gives numbers in order, reserved and registered', async () => {
    const registry = stage().open();
    const reserved = {
      ...IRIS,
      number: 1,
      digest: null,
      servable: false,
      registeredAt: null,
      aliases: [],
      history: [],
    };
    expect(await registry.createModel(IRIS)).toEqual(reserved);
    const began = new Date(Date.now() - 1).toISOString();
    const second = await publishPackage(registry, IRIS, 'two');
    expect(second).toMatchObject({ ...IRIS, number: 2, servable: true, aliases: [], history: [] });
    expect(second.registeredAt).toMatch(ISO);
    expect(String(second.registeredAt) >= began).toBe(true);
    expect(String(second.registeredAt) <= new Date(Date.now() + 1).toISOString()).toBe(true);
    const third = await registry.createModel(IRIS);
    expect(third).toEqual({ ...reserved, number: 3 });
    for (const reader of [registry, stage().open()]) {
      expect(await reader.readEntry(IRIS, 1)).toEqual(reserved);
      expect(await reader.readEntry(IRIS, 2)).toEqual(second);
      expect(await reader.listModels()).toEqual([reserved, second, third]);
    }
  });

  it('registers onto a reserved number', async () => {
    const registry = stage().open();
    await registry.createModel(IRIS);
    await registry.createModel(IRIS);
    const entry = await publishPackage(registry, IRIS, 'one', { number: 1 });
    expect(entry).toMatchObject({ number: 1, servable: true, history: [] });
    const reader = stage().open();
    expect(await reader.readEntry(IRIS, 1)).toEqual(entry);
    expect((await reader.listModels()).map(({ servable }) => servable)).toEqual([true, false]);
  });

  it('moves a number in one step, and keeps what it pointed at', async () => {
    const registry = stage().open();
    const one = await publishPackage(registry, IRIS, 'one');
    const two = await publishPackage(registry, IRIS, 'two', { number: 1 });
    const three = await publishPackage(registry, IRIS, 'three', { number: 1 });
    expect(three).toMatchObject({ number: 1, servable: true });
    expect(new Set([one.digest, two.digest, three.digest]).size).toBe(3);
    expect(three.history).toEqual([
      { digest: two.digest, supersededAt: three.registeredAt },
      { digest: one.digest, supersededAt: two.registeredAt },
    ]);
    const reader = stage().open();
    expect(await reader.listModels()).toEqual([three]);
    for (const { digest } of [one, two, three]) {
      const old = await resolveText(reader, `iris@${digest}`);
      await verifyPackage(reader, old);
      expect(old.entry).toEqual(digest === three.digest ? three : null);
    }
  });

  it('changes nothing when the same package is registered once more', async () => {
    const registry = stage().open();
    const first = await publishPackage(registry, IRIS, 'same');
    expect(await publishPackage(stage().open(), IRIS, 'same', { number: 1 })).toEqual(first);
    expect(await registry.listModels()).toEqual([first]);
  });

  it('goes back and forth between packages', async () => {
    const registry = stage().open();
    const a = await publishPackage(registry, IRIS, 'a');
    const b = await publishPackage(registry, IRIS, 'b', { number: 1 });
    const again = await publishPackage(registry, IRIS, 'a', { number: 1 });
    expect(again.digest).toBe(a.digest);
    expect(formerDigests(again)).toEqual([b.digest, a.digest]);
    expect(await readContent(registry, await resolveText(stage().open(), 'iris:1'))).toBe('a');
  });

  it('puts one package under two numbers', async () => {
    const registry = stage().open();
    const one = await publishPackage(registry, IRIS, 'same');
    const two = await publishPackage(registry, IRIS, 'same');
    expect([one.number, two.number]).toEqual([1, 2]);
    expect(two.digest).toBe(one.digest);
    const moved = await publishPackage(registry, IRIS, 'other', { number: 1 });
    expect(await registry.listModels()).toEqual([moved, two]);
    const { entry } = await resolveText(registry, `iris@${two.digest}`);
    expect(entry).toEqual(two);
  });

  it('refuses a number that was never given', async () => {
    const registry = stage().open();
    const refusal = { code: 'RW_MODEL_NOT_FOUND', where: 'acme/iris:7' };
    const one = await publishPackage(registry, IRIS, 'one');
    await expect(publishPackage(registry, IRIS, 'two', { number: 7 })).rejects.toMatchObject({
      ...refusal,
      hint: expect.stringContaining('newest number is 1'),
    });
    await expect(registry.readEntry(IRIS, 7)).rejects.toMatchObject(refusal);
    await expect(resolveText(registry, 'iris:7')).rejects.toMatchObject(refusal);
    expect(await stage().open().listModels()).toEqual([one]);
    const absent = { organization: 'acme', repository: 'absent' };
    await expect(publishPackage(registry, absent, 'two', { number: 1 })).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
    });
    expect(await stage().open().listModels()).toEqual([one]);
  });

  it('compares what the number points at, when told', async () => {
    const registry = stage().open();
    await registry.createModel(IRIS);
    const one = await publishPackage(registry, IRIS, 'one', { number: 1, expectedDigest: null });
    for (const expectedDigest of [null, ABSENT]) {
      await expect(
        publishPackage(registry, IRIS, 'two', { number: 1, expectedDigest }),
      ).rejects.toMatchObject({
        code: 'RW_MODEL_CONFLICT',
        where: 'acme/iris:1',
        what: expect.stringMatching(`${one.digest}.*${expectedDigest ?? 'no package'}`),
      });
    }
    expect(await stage().open().listModels()).toEqual([one]);
    const two = await publishPackage(registry, IRIS, 'two', { number: 1, expectedDigest: one.digest });
    expect(await stage().open().listModels()).toEqual([two]);
  });

  it('gives many who publish at once a number each', async () => {
    const publishers = Array.from({ length: 4 }, () => stage().open());
    const given = await Promise.all(
      Array.from({ length: 16 }, (_, at) => {
        const registry = publishers[at % publishers.length] as (typeof publishers)[0];
        return at % 4 === 0 && at < 12
          ? registry.createModel(IRIS)
          : publishPackage(registry, IRIS, `package ${at}`);
      }),
    );
    const models = await stage().open().listModels();
    expect(models).toEqual([...given].sort((a, b) => a.number - b.number));
    expect(new Set(numbersOf(given)).size).toBe(given.length);
    if (features.gapless) expect(numbersOf(models)).toEqual(models.map((_, at) => at + 1));
    for (const { digest } of models) {
      if (digest !== null)
        await verifyPackage(publishers[0]!, await resolveText(publishers[0]!, `iris@${digest}`));
    }
  });

  it('lets the last of many win who register onto one number at once', async () => {
    await stage().open().createModel(IRIS);
    const given = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        publishPackage(stage().open(), IRIS, `package ${at}`, { number: 1 }),
      ),
    );
    const digests = given.map(({ digest }) => digest);
    const reader = stage().open();
    const entry = await reader.readEntry(IRIS, 1);
    expect(digests).toContain(entry.digest);
    expect(await reader.listModels()).toEqual([entry]);
    const resolved = await resolveText(reader, 'iris:1');
    expect(resolved).toMatchObject({ entry, digest: entry.digest });
    await verifyPackage(reader, resolved);
    expect([entry.digest, ...formerDigests(entry)].sort()).toEqual([...digests].sort());
    for (const digest of digests) await verifyPackage(reader, await resolveText(reader, `iris@${digest}`));
  });

  it('lets exactly one win of those who expect the same', async () => {
    const before = await publishPackage(stage().open(), IRIS, 'before');
    const contents = Array.from({ length: 5 }, (_, at) => `package ${at}`);
    const outcomes = await Promise.all(
      contents.map((content) =>
        outcomeOf(
          publishPackage(stage().open(), IRIS, content, { number: 1, expectedDigest: before.digest }),
        ),
      ),
    );
    const winners = contents.filter((_, at) => outcomes[at] === 'done');
    expect(outcomes.filter((code) => code !== 'done' && code !== 'RW_MODEL_CONFLICT')).toEqual([]);
    expect(winners).toHaveLength(1);
    const reader = stage().open();
    const resolved = await resolveText(reader, 'iris:1');
    await verifyPackage(reader, resolved);
    expect(await readContent(reader, resolved)).toBe(winners[0]);
  });
}
