import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../../src/artifact/Descriptor';
import { digestOf } from '../../../../src/artifact/digestOf';
import type { OciRegistry } from '../../../../src/registry/oci/OciRegistry';
import type { OciBlobs } from '../../../../src/registry/oci/OciBlobs';
import type { BlobOrigin } from '../../../../src/registry/remote/BlobOrigin';
import type { CachedBlobs } from '../../../../src/registry/remote/CachedBlobs';
import { IRIS, OciStage } from './OciStage';

const MIB = 1024 * 1024;

interface TestBlob {
  readonly bytes: Buffer;
  readonly descriptor: Descriptor;
  readonly origin: BlobOrigin;
  /** Where it was opened. */
  readonly opened: number[];
}

function blob(size: number, wrong?: Buffer): TestBlob {
  const bytes = randomBytes(size);
  const opened: number[] = [];
  const open = (offset: number): Promise<Readable> => {
    opened.push(offset);
    const rest = (wrong ?? bytes).subarray(offset);
    const chunks = Array.from({ length: Math.ceil(rest.length / 65_536) }, (_, at) =>
      rest.subarray(at * 65_536, (at + 1) * 65_536),
    );
    return Promise.resolve(Readable.from(chunks, { objectMode: false }));
  };
  const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size };
  return { bytes, descriptor, origin: { open }, opened };
}

describe('OciBlobs', () => {
  let stage: OciStage;
  afterEach(() => stage.close());
  const remote = (registry: OciRegistry, name = IRIS) =>
    (registry.blobs(name) as CachedBlobs).remote as OciBlobs;
  const write = async (blobs: OciBlobs, { descriptor, origin }: TestBlob): Promise<number[]> => {
    const counts: number[] = [];
    await blobs.write(descriptor, origin, { onBytes: (count) => counts.push(count) });
    return counts;
  };
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const stored = ({ descriptor }: TestBlob) => stage.server.store.readBlob(descriptor.digest);

  it.each([0, 1, 3 * MIB])('sends %i bytes whole', async (size) => {
    stage = await OciStage.open();
    const blobs = remote(stage.registry());
    const given = blob(size);
    expect(await blobs.has(given.descriptor)).toBe(false);
    expect(sum(await write(blobs, given))).toBe(size);
    expect(stored(given).equals(given.bytes)).toBe(true);
    expect(await blobs.has(given.descriptor)).toBe(true);
    expect(await blobs.has({ ...given.descriptor, size: size + 1 })).toBe(false);
    expect(stage.server.requests.map(({ method }) => method)).toEqual([
      'HEAD',
      'POST',
      'PUT',
      'HEAD',
      'HEAD',
    ]);
    const sent = stage.server.seen('PUT')[0];
    expect(sent?.headers['content-length']).toBe(String(size));
    expect(sent?.headers['transfer-encoding']).toBeUndefined();
  });

  it.each([true, false])(
    'sends chunks where they are asked for (relative locations: %s)',
    async (relativeLocations) => {
      stage = await OciStage.open({ relativeLocations });
      const given = blob(2 * MIB + 5);
      const counts = await write(remote(stage.registry({ chunkSize: MIB })), given);
      expect(sum(counts)).toBe(given.bytes.length);
      const patches = stage.server.seen('PATCH');
      expect(patches.map(({ headers }) => headers['content-range'])).toEqual([
        `0-${MIB - 1}`,
        `${MIB}-${2 * MIB - 1}`,
        `${2 * MIB}-${2 * MIB + 4}`,
      ]);
      expect(stage.server.seen('PUT')[0]?.headers['content-length']).toBe('0');
      expect(stored(given).equals(given.bytes)).toBe(true);
    },
  );

  it('sends chunks of the size that $RUNWRIGHT_UPLOAD_CHUNK says', async () => {
    stage = await OciStage.open();
    const environment = { RUNWRIGHT_CACHE: stage.folder(), RUNWRIGHT_UPLOAD_CHUNK: String(MIB) };
    await write(remote(stage.registry({ environment })), blob(2 * MIB));
    expect(stage.server.seen('PATCH').map(({ received }) => received)).toEqual([MIB, MIB]);
  });

  it('sends no chunk that is smaller than the registry takes', async () => {
    stage = await OciStage.open({ chunkMinLength: MIB });
    const given = blob(2 * MIB + 5);
    await write(remote(stage.registry({ chunkSize: 65_536 })), given);
    expect(stage.server.seen('PATCH').map(({ received }) => received)).toEqual([MIB, MIB, 5]);
    expect(stored(given).equals(given.bytes)).toBe(true);
  });

  it('sends smaller chunks where the whole is too large for a proxy', async () => {
    stage = await OciStage.open({ maxBody: MIB });
    const given = blob(3 * MIB);
    expect(sum(await write(remote(stage.registry()), given))).toBe(3 * MIB);
    expect(stored(given).equals(given.bytes)).toBe(true);
    await stage.close();
    stage = await OciStage.open({ maxBody: 1000 });
    await expect(write(remote(stage.registry()), blob(MIB))).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      what: expect.stringContaining('413'),
    });
  });

  it.each([true, false])('goes on after a broken upload (the session is kept: %s)', async (keepsSessions) => {
    stage = await OciStage.open({ keepsSessions });
    const given = blob(4 * MIB);
    stage.server.intercept = ({ method, nth, path }) =>
      method === 'PUT' && path.includes('/uploads/') && nth === 1 && stage.server.seen('PUT').length <= 2
        ? { resetAfter: 2 * MIB }
        : undefined;
    expect(sum(await write(remote(stage.registry()), given))).toBe(4 * MIB);
    expect(stored(given).equals(given.bytes)).toBe(true);
    const goneOn = given.opened.filter((offset) => offset > 0);
    expect(goneOn.length).toBe(keepsSessions ? 1 : 0);
    if (keepsSessions) expect(stage.server.seen('POST')).toHaveLength(1);
  });

  it('sends chunks by itself when the whole breaks off again and again', async () => {
    stage = await OciStage.open();
    const given = blob(40 * MIB);
    stage.server.intercept = ({ method, headers }) =>
      Number(headers['content-length']) > 20 * MIB && method !== 'GET' ? { resetAfter: 20 * MIB } : undefined;
    expect(sum(await write(remote(stage.registry()), given))).toBe(40 * MIB);
    expect(stage.server.seen('PUT').filter(({ received }) => received > 0)).toHaveLength(2);
    expect(stage.server.seen('PATCH').map(({ received }) => received / MIB)).toEqual([16, 16, 8]);
    expect(stored(given).equals(given.bytes)).toBe(true);
  });

  it('needs not send again what arrived though its answer was lost', async () => {
    stage = await OciStage.open();
    const given = blob(2 * MIB);
    stage.server.intercept = ({ method }) => (method === 'PUT' ? 'loseAnswer' : undefined);
    expect(sum(await write(remote(stage.registry()), given))).toBe(2 * MIB);
    expect(stage.server.seen('PUT')).toHaveLength(1);
  });

  it('gives up after a few tries that bring nothing, and says why', async () => {
    stage = await OciStage.open();
    stage.server.intercept = ({ method }) => (method === 'PUT' ? { status: 503 } : undefined);
    await expect(write(remote(stage.registry()), blob(10))).rejects.toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      what: expect.stringContaining('503'),
    });
    stage.server.intercept = ({ method }) =>
      method === 'PUT' ? { status: 400, body: '{"errors":[{"code":"BLOB_UPLOAD_INVALID"}]}' } : undefined;
    await expect(write(remote(stage.registry()), blob(10))).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      what: expect.stringContaining('400 BLOB_UPLOAD_INVALID'),
    });
  });

  it.each(['POST', 'PUT'])('sends no request 36 times (%s)', async (failing) => {
    stage = await OciStage.open();
    stage.server.intercept = ({ method }) => (method === failing ? { status: 503 } : undefined);
    const error: unknown = await write(remote(stage.registry()), blob(10)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'RW_REGISTRY_UNAVAILABLE' });
    expect(String(error).match(/tried \d+ times/g)).toEqual(['tried 6 times']);
    expect(stage.server.seen(failing)).toHaveLength(6);
  });

  it('goes on when the registry was away in the middle for longer than a request is tried', async () => {
    stage = await OciStage.open();
    const given = blob(3 * MIB);
    stage.server.intercept = ({ method }) =>
      method === 'PATCH' && stage.server.seen('PATCH').length === 2 ? { resetAfter: MIB / 2 } : undefined;
    const blobs = remote(stage.registry({ chunkSize: MIB, retry: { tries: 2, firstWait: 5 } }));
    expect(sum(await write(blobs, given))).toBe(3 * MIB);
    expect(stored(given).equals(given.bytes)).toBe(true);
  });

  it('shows nobody the credentials that a Location may hold', async () => {
    stage = await OciStage.open();
    const given = blob(10);
    stage.server.intercept = ({ method }) => {
      if (method !== 'POST') return undefined;
      const id = stage.server.store.openSession('acme/iris');
      const location = `http://me:secret@${stage.server.host}/v2/acme/iris/blobs/uploads/${id}?_state=s${id}`;
      return { status: 202, headers: { location } };
    };
    await write(remote(stage.registry()), given);
    expect(stored(given).equals(given.bytes)).toBe(true);
    expect(stage.server.requests.map(({ headers }) => headers.authorization)).not.toContainEqual(
      expect.anything(),
    );
  });

  it('does not give up while something arrives', async () => {
    stage = await OciStage.open({ keepsSessions: true });
    const given = blob(12 * MIB);
    stage.server.intercept = ({ method }) =>
      method === 'PUT' || method === 'PATCH' ? { resetAfter: MIB } : undefined;
    const sending = write(remote(stage.registry()), given);
    // The last bytes come through, and the end is asked for by a request without any.
    expect(sum(await sending)).toBe(12 * MIB);
    expect(stored(given).equals(given.bytes)).toBe(true);
  });

  it('asks a session for what it has when the counts differ', async () => {
    stage = await OciStage.open({ keepsSessions: true });
    const given = blob(3 * MIB);
    stage.server.intercept = ({ method, nth, path }) =>
      method === 'PATCH' && nth === 2 && path !== ''
        ? { status: 202, headers: { range: `0-${MIB - 1}` } }
        : undefined;
    expect(sum(await write(remote(stage.registry({ chunkSize: MIB })), given))).toBe(3 * MIB);
    expect(stored(given).equals(given.bytes)).toBe(true);
    expect(stage.server.seen('GET', '/uploads/')).toHaveLength(1);
  });

  it('goes on where a killed process was', async () => {
    stage = await OciStage.open();
    const cache = stage.folder();
    const environment = { RUNWRIGHT_CACHE: cache };
    const given = blob(3 * MIB);
    stage.server.intercept = ({ method }) =>
      method === 'PATCH' && stage.server.seen('PATCH').length > 2 ? { status: 403 } : undefined;
    const first = remote(stage.registry({ environment, chunkSize: MIB }));
    await expect(write(first, given)).rejects.toMatchObject({ code: 'RW_REGISTRY_DENIED' });
    const [kept = ''] = readdirSync(join(cache, 'uploads'));
    expect(kept).toMatch(/^[0-9a-f]{64}\.json$/);
    expect(statSync(join(cache, 'uploads', kept)).mode & 0o777).toBe(0o600);
    stage.server.intercept = () => undefined;
    stage.server.requests.length = 0;
    expect(sum(await write(remote(stage.registry({ environment, chunkSize: MIB })), given))).toBe(3 * MIB);
    expect(stage.server.seen('PATCH').map(({ headers }) => headers['content-range'])).toEqual([
      `${2 * MIB}-${3 * MIB - 1}`,
    ]);
    expect(stage.server.seen('POST')).toEqual([]);
    expect(stored(given).equals(given.bytes)).toBe(true);
    expect(readdirSync(join(cache, 'uploads'))).toEqual([]);
  });

  it('starts again where the registry has thrown the session away', async () => {
    stage = await OciStage.open();
    const environment = { RUNWRIGHT_CACHE: stage.folder() };
    const given = blob(2 * MIB);
    stage.server.intercept = ({ method }) => (method === 'PUT' ? { status: 403 } : undefined);
    await expect(write(remote(stage.registry({ environment })), given)).rejects.toMatchObject({
      code: 'RW_REGISTRY_DENIED',
    });
    const file = join(
      environment.RUNWRIGHT_CACHE,
      'uploads',
      readdirSync(join(environment.RUNWRIGHT_CACHE, 'uploads'))[0]!,
    );
    const { location } = JSON.parse(readFileSync(file, 'utf8')) as { location: string };
    stage.server.store.dropSession(/uploads\/([^?]+)/.exec(location)?.[1] ?? '');
    stage.server.intercept = () => undefined;
    expect(sum(await write(remote(stage.registry({ environment })), given))).toBe(2 * MIB);
    writeFileSync(file, '{"location":7}');
    await write(remote(stage.registry({ environment })), blob(2 * MIB));
  });

  it('does not send to plain http for a registry that speaks https, nor anywhere without a Location', async () => {
    stage = await OciStage.open();
    stage.server.intercept = ({ method }) =>
      method === 'POST' ? { status: 202, headers: { location: 'ftp://127.0.0.1/' } } : undefined;
    await expect(write(remote(stage.registry()), blob(10))).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
    stage.server.intercept = ({ method }) => (method === 'POST' ? { status: 202 } : undefined);
    await expect(write(remote(stage.registry()), blob(10))).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
  });

  it.each([
    ['others', (bytes: Buffer) => randomBytes(bytes.length)],
    ['fewer', (bytes: Buffer) => bytes.subarray(1)],
    ['more', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ['none', () => Buffer.alloc(0)],
  ])('refuses a source whose bytes are %s', async (_, damage) => {
    stage = await OciStage.open();
    const right = blob(200_000);
    const wrong = { ...blob(200_000, damage(right.bytes)), descriptor: right.descriptor };
    await expect(write(remote(stage.registry()), wrong)).rejects.toMatchObject({
      code: 'RW_PACKAGE_CORRUPT',
    });
    expect(await remote(stage.registry()).has(right.descriptor)).toBe(false);
  });

  it('mounts what another repository of the registry has, and sends where it may not', async () => {
    stage = await OciStage.open();
    const registry = stage.registry();
    const given = blob(MIB);
    await write(remote(registry), given);
    stage.server.requests.length = 0;
    const origin = { ...given.origin, source: stage.registry().blobs(IRIS) };
    const target = remote(registry, { ...IRIS, repository: 'copy' });
    expect(sum(await write(target, { ...given, origin }))).toBe(MIB);
    expect(stage.server.requests.map(({ method }) => method)).toEqual(['POST']);
    expect(await target.has(given.descriptor)).toBe(true);
    stage.server.intercept = ({ query }) => (query.has('mount') ? { status: 403 } : undefined);
    const third = remote(registry, { ...IRIS, repository: 'third' });
    expect(sum(await write(third, { ...given, origin }))).toBe(MIB);
    expect(await third.has(given.descriptor)).toBe(true);
  });

  it('reads from anywhere, also where the server knows no ranges or sends on to another host', async () => {
    for (const options of [{}, { ignoresRange: true }, { redirectsBlobs: true }]) {
      if (options !== undefined) await stage?.close();
      const auth = { kind: 'basic', username: 'ann', password: 'secret' } as const;
      stage = await OciStage.open({ ...options, auth });
      const blobs = remote(stage.registry({ environment: loggedIn(stage) }));
      const given = blob(300_000);
      await write(blobs, given);
      for (const offset of [0, 1, 299_999, 300_000]) {
        const bytes = await buffer(await blobs.read(given.descriptor, { offset }));
        expect(bytes.equals(given.bytes.subarray(offset))).toBe(true);
      }
      const storage = stage.server.requests.filter(({ host }) => host === 'storage');
      expect(storage).toHaveLength('redirectsBlobs' in options ? 3 : 0);
      for (const { headers } of storage) expect(headers.authorization).toBeUndefined();
    }
  });

  it('refuses a range that was not asked for, and says that a blob is missing', async () => {
    stage = await OciStage.open();
    const blobs = remote(stage.registry());
    const given = blob(1000);
    await expect(blobs.read(given.descriptor)).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
    stage.server.intercept = ({ method }) =>
      method === 'GET'
        ? { status: 206, headers: { 'content-range': 'bytes 0-999/1000' }, body: 'x' }
        : undefined;
    await expect(blobs.read(given.descriptor, { offset: 10 })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
  });

  it('brings a blob whose stream breaks off, and refuses one that stays wrong', async () => {
    stage = await OciStage.open();
    const registry = stage.registry();
    const given = blob(3 * MIB);
    await write(remote(registry), given);
    stage.server.intercept = ({ method, nth }) =>
      method === 'GET' && nth < 3 ? { truncateAfter: MIB } : undefined;
    expect((await buffer(await registry.blobs(IRIS).stream(given.descriptor))).equals(given.bytes)).toBe(
      true,
    );
    const gets = stage.server.seen('GET', '/blobs/');
    expect(gets.length).toBe(3);
    expect(gets.at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
    stage.server.intercept = ({ method }) => (method === 'GET' ? 'corrupt' : undefined);
    await expect(stage.registry().blobs(IRIS).stream(given.descriptor)).rejects.toMatchObject({
      code: 'RW_PACKAGE_CORRUPT',
    });
  });

  it('renews a token that ends in the middle of the work', async () => {
    const auth = { kind: 'token', username: 'ann', password: 'secret' } as const;
    stage = await OciStage.open({ auth });
    const blobs = remote(stage.registry({ environment: loggedIn(stage), chunkSize: MIB }));
    const given = blob(4 * MIB);
    stage.server.intercept = ({ method }) => {
      if (method === 'PATCH' && stage.server.seen('PATCH').length === 2) stage.server.tokens?.expireAll();
      return undefined;
    };
    expect(sum(await write(blobs, given))).toBe(4 * MIB);
    expect(stored(given).equals(given.bytes)).toBe(true);
    expect(stage.server.tokens?.given).toBeGreaterThanOrEqual(2);
  });

  it('stops when it is called off, and keeps the session', async () => {
    stage = await OciStage.open();
    const environment = { RUNWRIGHT_CACHE: stage.folder() };
    const blobs = remote(stage.registry({ environment, chunkSize: MIB }));
    const given = blob(4 * MIB);
    const controller = new AbortController();
    let sent = 0;
    const sending = blobs.write(given.descriptor, given.origin, {
      signal: controller.signal,
      onBytes: (count) => {
        if ((sent += count) > 2 * MIB) controller.abort();
      },
    });
    await expect(sending).rejects.toMatchObject({ code: 'RW_ABORTED' });
    expect(readdirSync(join(environment.RUNWRIGHT_CACHE, 'uploads'))).toHaveLength(1);
  });
});

function loggedIn(stage: OciStage): NodeJS.ProcessEnv {
  const folder = stage.folder();
  const auth = Buffer.from('ann:secret').toString('base64');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [stage.server.host]: { auth } } }));
  return { RUNWRIGHT_CACHE: stage.folder(), DOCKER_CONFIG: folder };
}
