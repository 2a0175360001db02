import { expect, it } from 'vitest';
import { digestOf } from '../../../src/artifact/digestOf';
import { publishPackage } from '../testPackage';
import { ABSENT, IRIS, resolveText, type Conformance } from './RegistryStage';

export function describeResolving({ stage }: Conformance): void {
  it('finds the newest with a package, a number, an alias, a digest', async () => {
    const registry = stage().open();
    const one = await publishPackage(registry, IRIS, 'one');
    const two = await publishPackage(registry, IRIS, 'two');
    await registry.createModel(IRIS);
    await registry.setAlias(IRIS, 'stable', 1);
    const first = { ...one, aliases: ['stable'] };
    const reader = stage().open();
    const wanted = [
      ['iris', two],
      ['acme/iris:1', first],
      [`iris:1@${one.digest}`, first],
      [`iris@${one.digest}`, first],
      [`iris@${two.digest}`, two],
      ['iris:stable', first],
      [`iris:stable@${one.digest}`, first],
    ] as const;
    for (const [reference, entry] of wanted) {
      const resolved = await resolveText(reader, reference);
      expect(resolved).toEqual({ ...IRIS, entry, digest: entry.digest, manifest: resolved.manifest });
      expect(Buffer.isBuffer(resolved.manifest)).toBe(true);
      expect(digestOf(resolved.manifest)).toBe(entry.digest);
    }
  });

  it('finds a former package, and says what its number points at now', async () => {
    const registry = stage().open();
    const one = await publishPackage(registry, IRIS, 'one');
    const two = await publishPackage(registry, IRIS, 'two', { number: 1 });
    const other = await publishPackage(registry, IRIS, 'other');
    expect(await resolveText(registry, `iris:1@${one.digest}`)).toMatchObject({
      entry: two,
      digest: one.digest,
    });
    expect(await resolveText(registry, `iris@${one.digest}`)).toMatchObject({
      entry: null,
      digest: one.digest,
    });
    await expect(resolveText(registry, `iris:1@${other.digest}`)).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
      what: expect.stringContaining(String(two.digest)),
    });
  });

  it('tells reserved from absent', async () => {
    const registry = stage().open();
    await registry.createModel(IRIS);
    const reader = stage().open();
    const reserved = { code: 'RW_MODEL_NOT_SERVABLE' };
    await expect(resolveText(reader, 'iris')).rejects.toMatchObject({ ...reserved, where: 'acme/iris' });
    await expect(resolveText(reader, 'iris:1')).rejects.toMatchObject({ ...reserved, where: 'acme/iris:1' });
    const absent = { code: 'RW_MODEL_NOT_FOUND' };
    for (const reference of ['absent', 'iris:2', 'iris:stable', `iris@${ABSENT}`, `iris:1@${ABSENT}`]) {
      await expect(resolveText(reader, reference)).rejects.toMatchObject(absent);
    }
    await expect(reader.readEntry(IRIS, 2)).rejects.toMatchObject(absent);
    await expect(reader.readEntry({ ...IRIS, repository: 'absent' }, 1)).rejects.toMatchObject(absent);
  });

  it('names what there is instead', async () => {
    const registry = stage().open();
    await publishPackage(registry, IRIS, 'one');
    await publishPackage(registry, { ...IRIS, repository: 'digits' }, 'one');
    await registry.setAlias(IRIS, 'stable', 1);
    const reader = stage().open();
    const hints = [
      ['irsi', /^There is acme\/iris/],
      ['iris:9', /newest number is 1/],
      ['iris:stabel', /stable/],
    ] as const;
    for (const [reference, hint] of hints) {
      await expect(resolveText(reader, reference)).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_FOUND',
        hint: expect.stringMatching(hint),
      });
    }
  });

  it('is empty, and stays so, until something is written', async () => {
    const registry = stage().open();
    expect(await registry.listModels()).toEqual([]);
    await expect(resolveText(registry, 'iris')).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    expect(await stage().open().listModels()).toEqual([]);
    expect(registry.defaultOrganization).toBe('acme');
  });

  it.each(['../x', '..', '', 'Iris', 'a/b', 'a:1', '.staging', 'x'.repeat(129)])(
    'refuses the name "%s"',
    async (bad) => {
      const refusal = { code: 'RW_REFERENCE_INVALID' };
      for (const name of [
        { organization: bad, repository: 'x' },
        { organization: 'acme', repository: bad },
      ]) {
        const registry = stage().open();
        await expect(registry.createModel(name)).rejects.toMatchObject(refusal);
        await expect(registry.publish(name)).rejects.toMatchObject(refusal);
        await expect(registry.readEntry(name, 1)).rejects.toMatchObject(refusal);
        await expect(registry.setAlias(name, 'stable', 1)).rejects.toMatchObject(refusal);
        await expect(registry.listModels(name)).rejects.toMatchObject(refusal);
        const stream = async () => {
          await registry.blobs(name).stream({ mediaType: 'text/plain', digest: ABSENT, size: 1 });
        };
        await expect(stream()).rejects.toMatchObject(refusal);
      }
      expect(await stage().open().listModels()).toEqual([]);
    },
  );
}
