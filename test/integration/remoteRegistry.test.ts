import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hexOf } from '../../src/artifact/Digest';
import { parseOciManifest } from '../../src/artifact/parseOciManifest';
import {
  aliasModel,
  copyModel,
  listModels,
  loadModel,
  openRegistry,
  pullModel,
  readModel,
  registerModel,
  type RegisterProgress,
  type TransferProgress,
} from '../../src/index';
import { verifyModel } from '../../src/registrar/verifyModel';
import type { Registry } from '../../src/registry/Registry';
import { TestOciRegistry } from '../registry/TestOciRegistry';
import { putPackage, type PackageFiles } from '../registry/testPackage';
import { ScaleRunner } from './fixtures/scale.runner';
import { makeFolder, removeFolder } from './temporaryFolder';

const MIB = 1024 * 1024;

let folder: string;
let server: TestOciRegistry;
let url: string;
beforeAll(async () => {
  folder = await makeFolder();
  server = await TestOciRegistry.start();
  url = `oci://${server.host}/models`;
  writeFileSync(join(folder, 'offset.txt'), '100');
  vi.stubEnv('RUNWRIGHT_CACHE', join(folder, 'cache'));
  vi.stubEnv('RUNWRIGHT_REGISTRY', join(folder, 'registry'));
  vi.stubEnv('DOCKER_CONFIG', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await removeFolder(folder);
});
afterEach(() => {
  server.intercept = () => undefined;
});

async function publish(registry: Registry, repository: string, files: PackageFiles): Promise<string> {
  const publication = await registry.publish({ organization: 'acme', repository });
  try {
    const manifest = await putPackage(publication, files);
    return (await publication.commit({ manifest, number: null })).digest ?? '';
  } finally {
    await publication.abandon();
  }
}

describe('the way of a model through an OCI registry', () => {
  let digest: string;
  const reference = (tag: string): string => `${url}/default/scale${tag}`;

  it('is registered, with every byte in its progress', async () => {
    const seen: RegisterProgress[] = [];
    const registered = await registerModel({
      registry: url,
      repositoryName: 'scale',
      modelNumber: null,
      runner: ScaleRunner,
      entry: join(__dirname, 'fixtures', 'scale.runner.ts'),
      modelInstance: { factor: 2 },
      artifacts: { [join(folder, 'offset.txt')]: 'offset.txt' },
      onProgress: (progress) => seen.push(progress),
    });
    ({ digest } = registered);
    expect(registered).toMatchObject({ number: 1, reference: 'default/scale:1' });
    const counted = seen.filter(({ total = 0 }) => total > 0);
    expect(Math.max(...counted.map(({ bytes = 0 }) => bytes))).toBe(counted[0]?.total);
    expect(counted.map(({ bytes = 0 }) => bytes)).toEqual(
      counted.map(({ bytes = 0 }) => bytes).sort((a, b) => a - b),
    );
    expect(seen.at(-1)?.phase).toBe('publish');
  });

  it('is listed, read, loaded, pulled, verified and named', async () => {
    const [entry, ...others] = await listModels({ registry: url, repositoryName: 'scale' });
    expect(entry).toMatchObject({ organization: 'default', repository: 'scale', number: 1, digest });
    expect(others).toEqual([]);
    expect(await readModel(reference(':1'))).toMatchObject({ digest, reference: 'default/scale:1' });

    const seen: TransferProgress[] = [];
    const handle = await loadModel(reference(''), { onProgress: (progress) => seen.push(progress) });
    const { bytes, total } = seen.at(-1) ?? {};
    expect(total).toBeGreaterThan(0);
    expect(bytes).toBe(total);
    const outcome = await handle.run({ value: 3 });
    await handle.close();

    const directory = join(folder, 'pulled');
    expect(await pullModel(reference('@' + digest), { directory })).toMatchObject({ digest });
    expect(existsSync(join(directory, 'runwright.json'))).toBe(true);
    expect(readFileSync(join(directory, 'offset.txt'), 'utf8')).toBe('100');
    expect(await verifyModel(reference(':1'))).toMatchObject({ digest, ok: true });

    expect(await aliasModel(reference(':1'), 'stable')).toMatchObject({ number: 1, aliases: ['stable'] });
    const again = await loadModel(reference(':stable'));
    expect(await again.run({ value: 3 })).toEqual(outcome);
    await again.close();
  });

  it('takes another model on its number, and keeps what is left out', async () => {
    const registered = await registerModel({
      registry: url,
      repositoryName: 'scale',
      modelNumber: 1,
      expectedDigest: digest as `sha256:${string}`,
      runner: ScaleRunner,
      entry: join(__dirname, 'fixtures', 'scale.runner.ts'),
      artifacts: { [join(__dirname, 'fixtures', 'scale.runner.ts')]: 'more.txt' },
    });
    expect(registered.number).toBe(1);
    expect(registered.digest).not.toBe(digest);
    const { manifest } = await readModel(reference(':1'));
    expect(manifest.artifacts).toEqual(['more.txt', 'offset.txt']);
    const [entry] = await listModels({ registry: url, repositoryName: 'scale' });
    expect(entry?.history).toMatchObject([{ digest }]);
  });

  it('loads out of a cache that was damaged', async () => {
    const { digest: now } = await readModel(reference(':1'));
    const { manifest } = await openRegistry(url).resolve({
      organization: 'default',
      repository: 'scale',
      number: 1,
      alias: undefined,
      digest: undefined,
    });
    for (const layer of parseOciManifest(manifest, 'test').layers) {
      const path = join(folder, 'cache', 'blobs', 'sha256', hexOf(layer.digest));
      if (!existsSync(path)) continue;
      chmodSync(path, 0o644);
      writeFileSync(path, Buffer.alloc(layer.size, 7));
    }
    const handle = await loadModel(reference(`@${now}`));
    expect(handle.state).toBe('ready');
    await handle.close();
  });

  it('is refused with a registry beside its URL, and shows no password', async () => {
    await expect(loadModel(reference(':1'), { registry: url })).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: 'registry',
    });
    const secret = `oci://me:secret@${server.host}/acme/scale:1`;
    await expect(loadModel(secret)).rejects.toMatchObject({
      code: 'RW_REFERENCE_INVALID',
      message: expect.not.stringContaining('secret') as string,
    });
  });

  it('needs no registry once it has been fetched, when it is named by its digest', async () => {
    const { digest: now } = await readModel(reference(':1'));
    await loadModel(reference(`@${now}`)).then((handle) => handle.close());
    server.intercept = () => ({ resetAfter: 0 });
    const handle = await loadModel(reference(`@${now}`));
    expect(handle.state).toBe('ready');
    await handle.close();
    expect(await verifyModel(reference(`@${now}`))).toMatchObject({ ok: true });
  });
});

describe('copyModel', () => {
  const local = (name: string): string => join(folder, name);
  const weights = randomBytes(3 * MIB);
  let digest: string;

  it('goes from a folder to a registry, and from there to another folder, under one digest', async () => {
    digest = await publish(openRegistry(local('home')), 'net', { 'weights.bin': weights });
    const seen: TransferProgress[] = [];
    const there = await copyModel('acme/net:1', {
      from: { registry: local('home') },
      to: url,
      onProgress: (progress) => seen.push(progress),
    });
    expect(there).toEqual({
      organization: 'acme',
      repository: 'net',
      number: 1,
      digest,
      reference: 'acme/net:1',
      sent: true,
    });
    expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.total);
    expect(seen.at(-1)?.total).toBeGreaterThan(3 * MIB);
    const back = await copyModel(`${url}/acme/net:1`, { to: local('back'), repositoryName: 'other' });
    expect(back).toMatchObject({ reference: 'acme/other:1', digest, sent: true });
    const sources = [
      verifyModel('acme/net', { registry: local('home') }),
      verifyModel(`${url}/acme/net`),
      verifyModel('acme/other', { registry: local('back') }),
    ];
    for (const source of sources) expect(await source).toMatchObject({ digest, ok: true });
  });

  it('makes one number, however often it is called', async () => {
    const from = { registry: local('home') };
    const uploads = server.seen('PUT').length;
    expect(await copyModel('acme/net', { from, to: url })).toMatchObject({ number: 1, sent: false });
    expect(server.seen('PUT').length).toBe(uploads);
    expect(await copyModel(`${url}/acme/net`, { to: local('back'), repositoryName: 'other' })).toMatchObject({
      number: 1,
      sent: false,
    });
    const both = await Promise.all([
      copyModel('acme/net', { from, to: url, repositoryName: 'twin' }),
      copyModel('acme/net', { from, to: url, repositoryName: 'twin' }),
    ]);
    expect(both.map((copied) => copied.digest)).toEqual([digest, digest]);
    expect(await copyModel('acme/net', { from, to: url, repositoryName: 'twin' })).toMatchObject({
      sent: false,
    });
  });

  it('sends nothing again within one registry', async () => {
    const before = server.requests.length;
    const copied = await copyModel(`${url}/acme/net`, { to: url, repositoryName: 'mounted' });
    expect(copied).toMatchObject({ reference: 'acme/mounted:1', digest, sent: true });
    const received = server.requests.slice(before).filter(({ path }) => path.includes('/blobs/uploads/'));
    expect(received.length).toBeGreaterThan(0);
    expect(received.every((request) => request.received === 0)).toBe(true);
  });

  it('passes bytes on from one registry to another, and keeps none of them', async () => {
    const other = await TestOciRegistry.start();
    try {
      const secret = randomBytes(2 * MIB);
      await publish(openRegistry(url), 'passed', { 'weights.bin': secret });
      const breaks = new Set<string>();
      server.intercept = ({ method, path, headers }) => {
        if (method !== 'GET' || !path.includes('/blobs/') || breaks.has(path) || headers.range)
          return undefined;
        breaks.add(path);
        return { truncateAfter: 1000 };
      };
      const to = `oci://${other.host}`;
      const copied = await copyModel(`${url}/acme/passed`, { to });
      expect(copied).toMatchObject({ reference: 'acme/passed:1', sent: true });
      const sizes = readdirSync(join(folder, 'cache', 'blobs', 'sha256')).map(
        (name) => readFileSync(join(folder, 'cache', 'blobs', 'sha256', name)).length,
      );
      expect(sizes).not.toContain(secret.length);
      server.intercept = () => undefined;
      expect(await verifyModel(`${to}/acme/passed@${copied.digest}`)).toMatchObject({ ok: true });
    } finally {
      await other.stop();
    }
  });

  it('gives a name without an owner to the owner that the target has', async () => {
    const from = { registry: openRegistry(local('home'), { organization: 'acme' }) };
    const to = openRegistry(url, { organization: 'production' });
    expect(await copyModel('net', { from, to })).toMatchObject({ reference: 'production/net:1' });
    expect(await copyModel('acme/net', { from, to })).toMatchObject({ reference: 'acme/net:1' });
    expect(await copyModel('net', { from, to, organizationName: 'staging' })).toMatchObject({
      reference: 'staging/net:1',
    });
  });

  it('refuses damaged bytes, and makes nothing of them', async () => {
    const registry = openRegistry(local('damaged'));
    await publish(registry, 'net', { 'weights.bin': randomBytes(1000) });
    const { manifest } = await registry.resolve({
      organization: 'acme',
      repository: 'net',
      number: 1,
      alias: undefined,
      digest: undefined,
    });
    const layer = parseOciManifest(manifest, 'test').layers.at(-1);
    const path = layer && registry.blobs({ organization: 'acme', repository: 'net' }).localPath(layer);
    chmodSync(path ?? '', 0o644);
    writeFileSync(path ?? '', randomBytes(1000));
    for (const to of [url, local('refused')]) {
      const copying = copyModel('acme/net', { from: { registry }, to, repositoryName: 'damaged' });
      await expect(copying).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
      expect(await listModels({ registry: to, organizationName: 'acme', repositoryName: 'damaged' })).toEqual(
        [],
      );
    }
  });

  it('refuses what no program written in TypeScript would pass', async () => {
    await expect(copyModel('acme/net', {} as never)).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    await expect(copyModel('acme/net', { to: url, registry: url } as never)).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
    });
    const signal = AbortSignal.abort();
    await expect(
      copyModel('acme/net', { from: { registry: local('home') }, to: local('never'), signal }),
    ).rejects.toMatchObject({ code: 'RW_ABORTED' });
    expect(existsSync(local('never')) ? readdirSync(local('never')) : []).not.toContain('acme');
  });
});
