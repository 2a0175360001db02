import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseOciManifest } from '../../../src/artifact/parseOciManifest';
import { parseReference } from '../../../src/artifact/Reference';
import { LazyRegistry } from '../../../src/registry/LazyRegistry';
import { LocalRegistry } from '../../../src/registry/local/LocalRegistry';
import { publishTiny } from './tinyPackage';

const iris = { organization: 'acme', repository: 'iris' };

describe('LazyRegistry', () => {
  let folder = '';
  let loads = 0;
  let failures = 0;
  const open = (): LazyRegistry =>
    new LazyRegistry(folder, 'acme', () => {
      loads += 1;
      if (failures > 0) {
        failures -= 1;
        return Promise.reject(new Error('the driver could not be read'));
      }
      return Promise.resolve(new LocalRegistry({ directory: folder, defaultOrganization: 'acme' }));
    });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-lazy-'));
    loads = 0;
    failures = 0;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('loads its driver once, by the first call', async () => {
    const registry = open();
    expect([registry.url, registry.defaultOrganization, loads]).toEqual([folder, 'acme', 0]);
    const entries = await Promise.all([registry.createModel(iris), registry.createModel(iris)]);
    expect(entries.map(({ number }) => number).sort()).toEqual([1, 2]);
    expect(await publishTiny(registry, iris, 'weights', { number: 1 })).toMatchObject({ servable: true });
    expect(await registry.setAlias(iris, 'stable', 1)).toMatchObject({ aliases: ['stable'] });
    expect((await registry.listModels({ repository: 'iris', limit: 1 })).length).toBe(1);
    expect(await registry.readEntry(iris, 2)).toMatchObject({ servable: false });
    expect(loads).toBe(1);
  });

  it('gives blobs before anything else was asked for', async () => {
    await publishTiny(open(), iris, 'weights');
    const { manifest } = await open().resolve(parseReference('iris'));
    const [layer] = parseOciManifest(manifest, 'test').layers;
    if (layer === undefined) throw new Error('the package has a layer');
    const registry = open();
    const blobs = registry.blobs(iris);
    await blobs.fetch?.([layer]);
    expect(await text(await blobs.stream(layer))).toBe('weights');
    expect(blobs.localPath(layer)).toContain(folder);
  });

  it('tries again after a driver could not be loaded', async () => {
    failures = 1;
    const registry = open();
    await expect(registry.listModels()).rejects.toThrow('the driver could not be read');
    expect(await registry.listModels()).toEqual([]);
  });
});
