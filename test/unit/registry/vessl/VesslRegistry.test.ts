import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hexOf, type Digest } from '../../../../src/artifact/Digest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { parseReference } from '../../../../src/artifact/Reference';
import { VesslRegistry } from '../../../../src/registry/vessl/VesslRegistry';
import { TestVesslPlatform, type VesslRequest } from '../../../registry/TestVesslPlatform';
import {
  publishPackage,
  putPackage,
  readContent,
  verifyPackage,
  type PackageFiles,
} from '../../../registry/testPackage';

const IRIS = { organization: 'acme', repository: 'iris' };
const MIB = 1024 * 1024;

describe('VesslRegistry', () => {
  let home = '';
  let platform: TestVesslPlatform;
  let caches = 0;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'runwright-vessl-'));
    platform = await TestVesslPlatform.start();
  });
  afterEach(async () => {
    await platform.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const open = (cache = `cache-${(caches += 1)}`, more: NodeJS.ProcessEnv = {}): VesslRegistry =>
    new VesslRegistry({
      url: 'vessl://acme',
      organization: 'acme',
      apiHost: new URL(platform.origin),
      environment: {
        VESSL_ACCESS_TOKEN: platform.token,
        VESSL_CONFIG_PATH: join(home, 'none'),
        RUNWRIGHT_CACHE: join(home, cache),
        ...more,
      },
      retry: { tries: 3, firstWait: 1, longestWait: 2 },
    });
  const publish = async (
    files: PackageFiles,
    { number = null, code = 'one', registry = open(), expectedDigest }: PublishOptions = {},
  ) => {
    const publication = await registry.publish(IRIS);
    try {
      const manifest = await putPackage(publication, files, code);
      return await publication.commit({ manifest, number, expectedDigest });
    } finally {
      await publication.abandon();
    }
  };
  const resolve = (reference: string, registry = open()) => registry.resolve(parseReference(reference));
  const verify = async (reference: string): Promise<void> => {
    const registry = open();
    await verifyPackage(registry, await resolve(reference, registry));
  };
  const keys = (number: number): string[] => [...platform.files('iris', number).keys()];
  const puts = (from: number): string[] =>
    platform.requests
      .slice(from)
      .filter(({ method, plane }) => method === 'PUT' && plane === 's3')
      .map(({ path }) => path.replace(/^.*\/volumes\/\d+\//, ''));
  const hexed = (bytes: string): string => `vessl.runwright/${hexOf(digestOf(Buffer.from(bytes)))}`;

  it('puts files at their paths, the rest beside them, and the pointer last', async () => {
    await publish({ 'data/labels.txt': Buffer.from('cat'), 'model/w.bin': Buffer.from('weights') });
    const { manifest, digest } = await resolve('iris');
    expect(keys(1)).toEqual([
      'code',
      'data/labels.txt',
      'model/w.bin',
      'runwright.json',
      'vessl.manifest.yaml',
      'vessl.runwright.json',
      ...[hexOf(digest), hexOf(configOf(manifest))].map((hex) => `vessl.runwright/${hex}`).sort(),
    ]);
    expect(puts(0).slice(-2)).toEqual(['vessl.manifest.yaml', 'vessl.runwright.json']);
    expect(platform.files('iris', 1).get('data/labels.txt')?.toString()).toBe('cat');
    await verify('iris');
  });

  it('leaves what is there where it is when a number is registered again, and sends what is new', async () => {
    const one = await publish({ 'a.txt': Buffer.from('same'), 'b.txt': Buffer.from('old') });
    const before = platform.files('iris', 1);
    const from = platform.requests.length;
    const two = await publish({ 'a.txt': Buffer.from('same'), 'b.txt': Buffer.from('new') }, { number: 1 });
    const after = platform.files('iris', 1);
    for (const [path, bytes] of before) {
      if (path !== 'vessl.runwright.json' && path !== 'vessl.manifest.yaml')
        expect(after.get(path)).toEqual(bytes);
    }
    expect(after.get(hexed('new'))?.toString()).toBe('new');
    expect(after.get('vessl.manifest.yaml')?.toString()).toContain(`b.txt: ${hexed('new')}\n`);
    expect(puts(from)).not.toContain('a.txt');
    expect(two.history.map(({ digest }) => digest)).toEqual([one.digest]);
    await verify('iris:1');
    await verify(`iris@${one.digest}`);
  });

  it('mends a volume that has lost a file when the package is registered again', async () => {
    await publish({ 'a.txt': Buffer.from('a') });
    platform.removeFile('iris', 1, 'a.txt');
    await expect(verify('iris:1')).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
    await publish({ 'a.txt': Buffer.from('a') }, { number: 1 });
    expect(keys(1)).toContain('a.txt');
    await verify('iris:1');
  });

  it('refuses bytes that somebody has changed', async () => {
    await publish({ 'a.txt': Buffer.from('a') });
    platform.putFile('iris', 1, 'a.txt', 'b');
    await expect(verify('iris:1')).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
  });

  it('registers onto a reserved number, and takes what lies there for somebody else’s', async () => {
    await open().createModel(IRIS);
    platform.putFile('iris', 1, 'a.txt', 'of somebody');
    await publish({ 'a.txt': Buffer.from('a') }, { number: 1 });
    expect(platform.files('iris', 1).get('a.txt')?.toString()).toBe('of somebody');
    expect(platform.files('iris', 1).get(hexed('a'))?.toString()).toBe('a');
    await verify('iris:1');
  });

  it('leaves a model of the Python SDK alone, also one that it has put over ours', async () => {
    await publish({ 'a.txt': Buffer.from('a') });
    for (const yaml of [
      'runner:\n  save_path: vessl.runner.pkl\n  save_type: cloudpickle\nversion: v1\n',
      'a: [',
      '',
    ]) {
      platform.putFile('iris', 1, 'vessl.manifest.yaml', yaml);
      await expect(publish({ 'b.txt': Buffer.from('b') }, { number: 1 })).rejects.toMatchObject({
        code: 'RW_MODEL_CONFLICT',
      });
      expect(platform.files('iris', 1).get('vessl.manifest.yaml')?.toString()).toBe(yaml);
    }
  });

  it('deletes a number that comes to nothing', async () => {
    platform.isReadOnly = true;
    await expect(publish({ 'a.txt': Buffer.from('a') })).rejects.toMatchObject({
      code: 'RW_REGISTRY_DENIED',
      what: 'the volume of the model is read-only',
    });
    expect(await open().listModels()).toEqual([]);
    platform.isReadOnly = false;
    platform.provider = 'gs';
    await expect(publish({ 'a.txt': Buffer.from('a') })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
    expect(await open().listModels()).toEqual([]);
  });

  it('goes on under its number after it was cut off, and sends only what is missing', async () => {
    const files = Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}.txt`, Buffer.from(name)]));
    platform.intercept = ({ method, path }) =>
      method === 'PUT' && path.endsWith('/c.txt') ? 'reset' : undefined;
    await expect(publish(files, { registry: open('mine') })).rejects.toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
    });
    expect(await open().listModels()).toMatchObject([{ number: 1, servable: false }]);
    platform.intercept = () => undefined;
    const from = platform.requests.length;
    expect(await publish(files, { registry: open('mine') })).toMatchObject({ number: 1, servable: true });
    expect(puts(from)).toContain('c.txt');
    expect(puts(from)).not.toContain('a.txt');
    await verify('iris:1');
    // It is remembered no longer.
    expect(await publish(files, { registry: open('mine') })).toMatchObject({ number: 2 });
  });

  it('gives a new number to another package, and to one whose number has gone', async () => {
    platform.intercept = ({ method, path }) =>
      method === 'PUT' && path.endsWith('/a.txt') ? 'reset' : undefined;
    const failing = publish({ 'a.txt': Buffer.from('a') }, { registry: open('mine') });
    await expect(failing).rejects.toMatchObject({ code: 'RW_REGISTRY_UNAVAILABLE' });
    platform.intercept = () => undefined;
    expect(await publish({ 'a.txt': Buffer.from('other') }, { registry: open('mine') })).toMatchObject({
      number: 2,
    });
    platform.organizations.get('acme')?.get('iris')?.models.delete(1);
    expect(await publish({ 'a.txt': Buffer.from('a') }, { registry: open('mine') })).toMatchObject({
      number: 3,
    });
  });

  it('sends large files in parts, each again by itself, and leaves none behind', async () => {
    const path = join(home, 'big.bin');
    const bytes = Buffer.alloc(20 * MIB + 5, 'runwright');
    writeFileSync(path, bytes);
    platform.intercept = ({ query, nth }) =>
      query.get('partNumber') === '2' && nth < 3 ? { status: 503 } : undefined;
    await publish({ 'big.bin': path });
    expect(platform.files('iris', 1).get('big.bin')?.equals(bytes)).toBe(true);
    expect(platform.s3.uploads.size).toBe(0);
    await verify('iris:1');
  });

  const BIG = { 'big.bin': Buffer.alloc(20 * MIB, 'runwright') };
  const parts = (from: number): (string | null)[] =>
    platform.requests
      .slice(from)
      .filter(({ method, query }) => method === 'PUT' && query.has('partNumber'))
      .map(({ query }) => query.get('partNumber'));
  const isComplete = ({ method, query }: VesslRequest): boolean => method === 'POST' && query.has('uploadId');
  /** As if the processes that have a part in what lies in a cache had been killed. */
  const kill = (cache: string): void => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    for (const kind of ['reserved', 'uploads']) {
      const folder = join(home, cache, 'vessl', kind);
      for (const file of readdirSync(folder)) {
        renameSync(join(folder, file), join(folder, file.replace(`-${process.pid}-`, `-${pid}-`)));
      }
    }
  };

  it.each([1000, 1])('goes on with an upload in parts that was cut off (%i in a list)', async (perPage) => {
    platform.s3.partsPerPage = perPage;
    platform.intercept = ({ query }) => (query.get('partNumber') === '3' ? 'reset' : undefined);
    const failing = publish(BIG, { registry: open('mine') });
    await expect(failing).rejects.toMatchObject({ code: 'RW_REGISTRY_UNAVAILABLE' });
    expect(platform.s3.uploads.size).toBe(1);
    platform.intercept = () => undefined;
    const from = platform.requests.length;
    expect(await publish(BIG, { registry: open('mine') })).toMatchObject({ number: 1 });
    expect(parts(from)).toEqual(['3']);
    expect(platform.s3.uploads.size).toBe(0);
    expect(readdirSync(join(home, 'mine', 'vessl', 'uploads'))).toEqual([]);
    await verify('iris:1');
  });

  it('goes on with an upload in parts after the process was killed, but for parts that are not its own', async () => {
    let free = (): void => undefined;
    const freed = new Promise<void>((done) => (free = done));
    let stuck = false;
    platform.intercept = async ({ query }) => {
      if (query.get('partNumber') !== '3' || stuck) return undefined;
      stuck = true;
      await freed;
      return undefined;
    };
    const first = outcome(publish(BIG, { registry: open('mine') }));
    await expect.poll(() => stuck && [...platform.s3.uploads.values()][0]?.parts.size).toBe(2);
    // While it lives, its upload is left to it.
    kill('mine');
    [...platform.s3.uploads.values()][0]?.parts.set(1, Buffer.alloc(8 * MIB, 'damaged'));
    const from = platform.requests.length;
    expect(await publish(BIG, { registry: open('mine') })).toMatchObject({ number: 1, servable: true });
    expect(parts(from).sort()).toEqual(['1', '3']);
    free();
    await first;
    // Whoever comes to nothing leaves a number alone that somebody has filled.
    expect(platform.s3.uploads.size).toBe(0);
    await verify('iris:1');
  });

  it.each([{ status: 404 }, { status: 403 }])(
    'begins an upload anew that the store lists with %j',
    async (fault) => {
      platform.intercept = ({ query }) => (query.get('partNumber') === '3' ? 'reset' : undefined);
      await outcome(publish(BIG, { registry: open('mine') }));
      platform.intercept = ({ method, query }) =>
        method === 'GET' && query.has('uploadId') ? fault : undefined;
      const from = platform.requests.length;
      expect(await publish(BIG, { registry: open('mine') })).toMatchObject({ number: 1 });
      expect(parts(from).sort()).toEqual(['1', '2', '3']);
      expect(platform.s3.uploads.size).toBe(0);
      await verify('iris:1');
    },
  );

  it('takes no error for a success that comes with status 200', async () => {
    let failures = 2;
    platform.intercept = (request) =>
      isComplete(request) && failures-- > 0 ? { errorInBody: 'InternalError' } : undefined;
    expect(await publish(BIG)).toMatchObject({ number: 1 });
    await verify('iris:1');

    let tries = 0;
    for (const [errorInBody, code, most] of [
      ['SlowDown', 'RW_REGISTRY_UNAVAILABLE', 3],
      ['InvalidPart', 'RW_REGISTRY_ANSWER', 1],
    ] as const) {
      tries = 0;
      platform.intercept = (request) => {
        if (!isComplete(request)) return undefined;
        tries += 1;
        return { errorInBody };
      };
      const failing = publish(BIG);
      await expect(failing).rejects.toMatchObject({
        code,
        what: expect.stringContaining(errorInBody) as unknown,
      });
      expect(tries).toBe(most);
    }
    platform.intercept = (request) => (isComplete(request) ? { status: 200, body: '<html/>' } : undefined);
    await expect(publish(BIG)).rejects.toMatchObject({ code: 'RW_REGISTRY_ANSWER' });
    // The number of what may go on stays, those of the others have gone.
    expect((await open().listModels()).map(({ number, servable }) => [number, servable])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(platform.s3.uploads.size).toBe(1);
  });

  it.each(['its path', 'its sha256'])(
    'looks at what is there when the answer for %s got lost',
    async (key) => {
      const beside = key === 'its path' ? {} : { 'big.bin.sum': Buffer.from('sum') };
      for (const always of [false, true]) {
        const before = platform.requests.filter(isComplete).length;
        platform.intercept = (request) => {
          if (!isComplete(request)) return undefined;
          const nth = platform.requests.filter(isComplete).length - before;
          return always && nth > 1 ? 'reset' : nth === 1 ? 'loseAnswer' : undefined;
        };
        const { number } = await publish({ ...BIG, ...beside });
        await verify(`iris:${number}`);
        expect(keys(number)).toContain(key === 'its path' ? 'big.bin' : hexed(BIG['big.bin'].toString()));
      }
      expect(platform.s3.uploads.size).toBe(0);
    },
  );

  it('never deletes a number that somebody else has filled meanwhile, or that cannot be looked at', async () => {
    const refuse = ({ method, path }: VesslRequest): { status: number } | undefined =>
      method === 'PUT' && path.endsWith('/a.txt') ? { status: 418 } : undefined;
    let filled = false;
    platform.intercept = async (request) => {
      if (refuse(request) === undefined) return undefined;
      if (!filled) {
        filled = true;
        await publish({ 'b.txt': Buffer.from('b') }, { number: 1 });
      }
      return { status: 418 };
    };
    const failing = publish({ 'a.txt': Buffer.from('a') });
    await expect(failing).rejects.toMatchObject({ code: 'RW_REGISTRY_ANSWER' });
    await verify('iris:1');

    platform.intercept = (request) =>
      request.plane === 's3' && request.method === 'GET' ? 'reset' : refuse(request);
    await outcome(publish({ 'a.txt': Buffer.from('a') }));
    platform.intercept = () => undefined;
    expect((await open().listModels()).map(({ number, servable }) => [number, servable])).toEqual([
      [1, true],
      [2, false],
    ]);
  });

  it.each([
    'loseAnswer',
    { status: 503 },
    { status: 429, headers: { 'retry-after': '0' } },
    'reset',
  ] as const)('tries again after %j, wherever it may', async (fault) => {
    const once = new Set<string>();
    platform.intercept = (request) => {
      const { method, path } = request;
      if (method === 'POST' && !path.endsWith('/federate')) return undefined;
      if (once.has(`${method} ${path}`)) return undefined;
      once.add(`${method} ${path}`);
      return fault;
    };
    expect(await publish({ 'a.txt': Buffer.from('a') })).toMatchObject({ number: 1 });
    expect(await publish({ 'a.txt': Buffer.from('b') }, { number: 1 })).toMatchObject({
      number: 1,
      history: [{}],
    });
    expect(await open().setAlias(IRIS, 'stable', 1)).toMatchObject({ aliases: ['stable'] });
    await verify('iris:stable');
    expect(once.size).toBeGreaterThan(15);
  });

  it('goes on where a download broke off', async () => {
    const bytes = Buffer.alloc(3 * MIB, 'runwright');
    await publish({ 'w.bin': bytes });
    platform.intercept = ({ method, path, nth }) =>
      method === 'GET' && path.endsWith('/w.bin') && nth < 3 ? { truncateAfter: 50_000 } : undefined;
    await verify('iris:1');
    const ranges = platform.requests
      .map(({ headers }) => headers.range)
      .filter((range) => range !== undefined);
    expect(ranges.length).toBeGreaterThan(0);
  });

  it('renews keys before their end, and when they are refused', async () => {
    const federations = (): number =>
      platform.requests.filter(({ path }) => path.endsWith('/federate')).length;
    const registry = open();
    await publish({ 'a.txt': Buffer.from('a') }, { registry });
    expect(federations()).toBe(1);
    platform.s3.revoke();
    await verifyPackage(registry, await resolve('iris', registry));
    expect(federations()).toBe(2);
    // Half of their time has gone from the start.
    platform.ttl = -1000;
    const late = open();
    await expect(resolve('iris', late)).rejects.toMatchObject({ code: 'RW_REGISTRY_ANSWER' });
    platform.ttl = 3_600_000;
    await verifyPackage(late, await resolve('iris', late));
  });

  it('puts up with a store that knows no conditions', async () => {
    platform.s3.conditions = false;
    await publish({ 'a.txt': Buffer.from('a') });
    await publish({ 'a.txt': Buffer.from('b') }, { number: 1 });
    await publish({ 'big.bin': Buffer.alloc(9 * MIB) }, { number: 1 });
    await verify('iris:1');
    expect((await open().readEntry(IRIS, 1)).history.length).toBe(2);
  });

  it('never writes over the file of somebody who came first', async () => {
    let others = false;
    platform.intercept = ({ method, path }: VesslRequest) => {
      if (method === 'PUT' && path.endsWith('/a.txt') && !others) {
        others = true;
        platform.putFile('iris', 1, 'a.txt', 'of somebody');
      }
      return undefined;
    };
    await publish({ 'a.txt': Buffer.from('a') });
    expect(platform.files('iris', 1).get('a.txt')?.toString()).toBe('of somebody');
    await verify('iris:1');
  });

  it('keeps both packages of two who register at once', async () => {
    await publish({ 'a.txt': Buffer.from('a') });
    const registrations = ['b', 'c', 'd', 'e'].map((text) =>
      publish({ 'a.txt': Buffer.from(text) }, { number: 1, code: text }),
    );
    const entries = await Promise.all(registrations);
    const entry = await open().readEntry(IRIS, 1);
    const digests = [entry.digest, ...entry.history.map(({ digest }) => digest)];
    expect(new Set(digests).size).toBe(5);
    for (const { digest } of entries) expect(digests).toContain(digest);
    for (const digest of digests) await verify(`iris@${digest ?? ''}`);
  });

  it('reads lists page by page, whatever their size', async () => {
    for (let number = 1; number <= 5; number += 1) await open().createModel(IRIS);
    for (const repository of ['b', 'a']) await open().createModel({ ...IRIS, repository });
    platform.pageSize = 2;
    const listed = await open().listModels();
    expect(listed.map(({ repository, number }) => `${repository}:${number}`)).toEqual([
      'a:1',
      'b:1',
      'iris:1',
      'iris:2',
      'iris:3',
      'iris:4',
      'iris:5',
    ]);
  });

  it('takes another organization out of a reference', async () => {
    platform.organizations.set('other', new Map());
    await publishPackage(open(), { organization: 'other', repository: 'iris' }, 'of the other');
    await expect(resolve('iris')).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    const registry = open();
    expect(await readContent(registry, await resolve('other/iris', registry))).toBe('of the other');
    await expect(open().createModel({ organization: 'none', repository: 'iris' })).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
      what: 'VESSL knows no organization none, or does not show it to this account',
    });
  });

  it('works without the network by digest, with what is in the cache', async () => {
    const { digest } = await publish({ 'a.txt': Buffer.from('a') });
    const here = open('mine');
    await verifyPackage(here, await resolve('iris', here));
    platform.intercept = () => 'reset';
    const offline = open('mine');
    const resolved = await resolve(`iris@${digest ?? ''}`, offline);
    expect(resolved.entry).toBeNull();
    await verifyPackage(offline, resolved);
    await expect(resolve('iris', offline)).rejects.toMatchObject({ code: 'RW_REGISTRY_UNAVAILABLE' });
  });

  it('says in no error what is secret', async () => {
    await publish({ 'a.txt': Buffer.from('a') });
    const denied = open('denied', { VESSL_ACCESS_TOKEN: 'very-secret' });
    const failures = [await outcome(resolve('iris', denied))];
    for (const status of [400, 403, 409, 418, 500]) {
      platform.intercept = ({ headers, plane }) =>
        plane === 's3' ? { status, body: JSON.stringify({ seen: headers }) } : undefined;
      failures.push(
        await outcome(resolve('iris')),
        await outcome(publish({ 'a.txt': Buffer.from('b') }, { number: 1 })),
      );
      platform.intercept = ({ headers, plane, method }) =>
        plane === 'api' && method === 'GET'
          ? { status, body: JSON.stringify({ message: headers.authorization }) }
          : undefined;
      failures.push(await outcome(resolve('iris')));
    }
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: expect.stringMatching(/^RW_REGISTRY_/) as unknown });
      const { message } = failure as Error;
      const shown = `${message} ${inspect(failure, { depth: 9 })}`;
      for (const secret of ['very-secret', platform.token, 'secret-ASIA', 'session-ASIA', 'AWS4-HMAC']) {
        expect(shown).not.toContain(secret);
      }
    }
  });
});

interface PublishOptions {
  readonly number?: number | null;
  readonly code?: string;
  readonly registry?: VesslRegistry;
  readonly expectedDigest?: Digest | null;
}

function configOf(manifest: Buffer): Digest {
  return (JSON.parse(manifest.toString()) as { config: { digest: Digest } }).config.digest;
}

async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => error,
  );
}
