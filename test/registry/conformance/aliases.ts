import { expect, it } from 'vitest';
import { publishPackage, readContent } from '../testPackage';
import { IRIS, resolveText, type Conformance } from './RegistryStage';

export function describeAliases({ stage }: Conformance): void {
  it('are set, move, and stand beside others', async () => {
    const registry = stage().open();
    await publishPackage(registry, IRIS, 'one');
    await publishPackage(registry, IRIS, 'two');
    await registry.setAlias(IRIS, 'stable', 1);
    const both = await registry.setAlias(IRIS, 'best', 1);
    expect(both).toMatchObject({ number: 1, aliases: ['best', 'stable'] });
    expect(await stage().open().readEntry(IRIS, 1)).toEqual(both);
    expect(await registry.setAlias(IRIS, 'stable', 1)).toEqual(both);
    const second = await registry.setAlias(IRIS, 'stable', 2);
    expect(second).toMatchObject({ number: 2, aliases: ['stable'] });
    const reader = stage().open();
    expect(await reader.listModels()).toEqual([{ ...both, aliases: ['best'] }, second]);
    expect((await resolveText(reader, 'iris:stable')).entry).toEqual(second);
    expect(await readContent(reader, await resolveText(reader, 'iris:stable'))).toBe('two');
    expect(await readContent(reader, await resolveText(reader, 'iris:best'))).toBe('one');
  });

  it('follow their number, and no other one with the same package', async () => {
    const registry = stage().open();
    await publishPackage(registry, IRIS, 'same');
    await publishPackage(registry, IRIS, 'same');
    await registry.setAlias(IRIS, 'one', 1);
    await registry.setAlias(IRIS, 'two', 2);
    const moved = await publishPackage(registry, IRIS, 'other', { number: 1 });
    expect(moved.aliases).toEqual(['one']);
    const reader = stage().open();
    expect(await readContent(reader, await resolveText(reader, 'iris:one'))).toBe('other');
    expect(await readContent(reader, await resolveText(reader, 'iris:two'))).toBe('same');
    expect((await resolveText(reader, 'iris:two')).entry).toMatchObject({ number: 2, aliases: ['two'] });
    const back = await publishPackage(stage().open(), IRIS, 'same', { number: 1 });
    expect(back.aliases).toEqual(['one']);
    expect((await reader.readEntry(IRIS, 2)).aliases).toEqual(['two']);
  });

  it('point at no number that cannot be loaded or was never given', async () => {
    const registry = stage().open();
    const refusal = { code: 'RW_MODEL_NOT_FOUND' };
    await expect(registry.setAlias(IRIS, 'stable', 1)).rejects.toMatchObject(refusal);
    await registry.createModel(IRIS);
    await expect(registry.setAlias(IRIS, 'stable', 1)).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_SERVABLE',
    });
    await expect(registry.setAlias(IRIS, 'stable', 2)).rejects.toMatchObject(refusal);
    await expect(resolveText(registry, 'iris:stable')).rejects.toMatchObject(refusal);
  });

  it.each(['7', '', '-x', '.x', 'a b', 'a/b', '../x', 'x'.repeat(129)])(
    'are not called "%s"',
    async (alias) => {
      const registry = stage().open();
      await publishPackage(registry, IRIS, 'one');
      await expect(registry.setAlias(IRIS, alias, 1)).rejects.toMatchObject({ code: 'RW_REFERENCE_INVALID' });
      expect((await stage().open().readEntry(IRIS, 1)).aliases).toEqual([]);
    },
  );

  it.each(['_', '_1', '_alias', 'Stable-1.2_x', 'latest', '1.0', 'x'.repeat(128)])(
    'may be called "%s"',
    async (alias) => {
      const registry = stage().open();
      await publishPackage(registry, IRIS, 'one');
      const entry = await registry.setAlias(IRIS, alias, 1);
      expect(entry.aliases).toEqual([alias]);
      const reader = stage().open();
      expect(await reader.listModels()).toEqual([entry]);
      expect((await resolveText(reader, `iris:${alias}`)).entry).toEqual(entry);
    },
  );

  it('end at one of those at which they were pointed at once', async () => {
    const registry = stage().open();
    for (const content of ['one', 'two', 'three']) await publishPackage(registry, IRIS, content);
    await Promise.all([1, 2, 3, 2].map((number) => stage().open().setAlias(IRIS, 'stable', number)));
    const reader = stage().open();
    const holders = (await reader.listModels()).filter(({ aliases }) => aliases.includes('stable'));
    expect(holders).toHaveLength(1);
    const { entry, digest } = await resolveText(reader, 'iris:stable');
    expect(entry).toEqual(holders[0]);
    expect(digest).toBe(holders[0]?.digest);
  });
}
