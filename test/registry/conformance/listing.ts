import { expect, it } from 'vitest';
import type { ModelEntry, ModelFilter, Registry } from '../../../src/registry/Registry';
import { publishPackage } from '../testPackage';
import { IRIS, numbersOf, resolveText, type Conformance } from './RegistryStage';

const THOUSANDS = 3000;

export function describeListing({ stage, features }: Conformance): void {
  const pages = async (registry: Registry, filter: ModelFilter, limit: number): Promise<ModelEntry[][]> => {
    const all: ModelEntry[][] = [];
    for (;;) {
      const after = all.at(-1)?.at(-1);
      const page = await registry.listModels({ ...filter, limit, after });
      if (page.length === 0) return all;
      all.push(page);
      if (all.length > 100) throw new Error('the pages do not end');
    }
  };
  const names = (models: readonly ModelEntry[]) =>
    models.map(({ organization, repository, number }) => `${organization}/${repository}:${number}`);

  it('orders by repository and number, and filters', async () => {
    const registry = stage().open();
    for (const repository of ['b', 'a', 'b-2', 'b']) await registry.createModel({ ...IRIS, repository });
    await publishPackage(registry, { ...IRIS, repository: 'a' }, 'one');
    const reader = stage().open();
    const all = ['acme/a:1', 'acme/a:2', 'acme/b:1', 'acme/b:2', 'acme/b-2:1'];
    expect(names(await reader.listModels())).toEqual(all);
    expect(names(await reader.listModels({ organization: 'acme' }))).toEqual(all);
    expect(names(await reader.listModels({ repository: 'b' }))).toEqual(['acme/b:1', 'acme/b:2']);
    expect(names(await reader.listModels({ organization: 'acme', repository: 'a' }))).toEqual(
      all.slice(0, 2),
    );
    expect(await reader.listModels({ repository: 'none' })).toEqual([]);
    for (const limit of [1, 2, 3, 5, 6]) {
      const found = await pages(reader, {}, limit);
      expect(names(found.flat())).toEqual(all);
      expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    }
    expect(names(await reader.listModels({ after: { ...IRIS, repository: 'b', number: 1 } }))).toEqual(
      all.slice(3),
    );
    // One that does not exist has its place all the same.
    expect(names(await reader.listModels({ after: { ...IRIS, repository: 'a', number: 99 } }))).toEqual(
      all.slice(2),
    );
  });

  it.runIf(features.organizations)('orders by organization first', async () => {
    const registry = stage().open();
    for (const repository of ['b', 'a']) {
      for (const organization of ['z', 'acme']) await registry.createModel({ organization, repository });
    }
    const reader = stage().open();
    const all = ['acme/a:1', 'acme/b:1', 'z/a:1', 'z/b:1'];
    expect(names(await reader.listModels())).toEqual(all);
    expect(names(await reader.listModels({ organization: 'z' }))).toEqual(all.slice(2));
    expect(names(await reader.listModels({ repository: 'b' }))).toEqual(['acme/b:1', 'z/b:1']);
    expect(await reader.listModels({ organization: 'none' })).toEqual([]);
    expect(names((await pages(reader, {}, 1)).flat())).toEqual(all);
    await expect(resolveText(reader, 'z/absent')).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
  });

  it('lists thousands of numbers, at once and by pages', async (context) => {
    const { seed } = stage();
    if (seed === undefined) {
      context.skip();
      return;
    }
    await seed(IRIS, THOUSANDS);
    const registry = stage().open();
    const models = await registry.listModels();
    expect(numbersOf(models)).toEqual(Array.from({ length: THOUSANDS }, (_, at) => at + 1));
    expect(models.every(({ servable, digest }) => servable && digest !== null)).toBe(true);
    const found = await pages(registry, { repository: 'iris' }, 700);
    expect(found.map((page) => page.length)).toEqual([700, 700, 700, 700, 200]);
    expect(found.flat()).toEqual(models);
    expect((await resolveText(registry, 'iris')).entry?.number).toBe(THOUSANDS);
    expect((await publishPackage(registry, IRIS, 'next')).number).toBe(THOUSANDS + 1);
  });
}
