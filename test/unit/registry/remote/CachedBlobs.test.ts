import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hexOf } from '../../../../src/artifact/Digest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { newOwnerId } from '../../../../src/artifact/ownerId';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { BlobCache } from '../../../../src/registry/remote/BlobCache';
import { CachedBlobs } from '../../../../src/registry/remote/CachedBlobs';
import { MemoryBlobs } from './memoryBlobs';

const MIB = 1024 * 1024;

describe('CachedBlobs', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-cache-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const open = (remote: MemoryBlobs): CachedBlobs => new CachedBlobs(remote, new BlobCache(folder));
  const partials = (): string[] => readdirSync(join(folder, 'blobs', 'partial'));
  const blobs = (): string[] => readdirSync(join(folder, 'blobs', 'sha256'));
  const broken = (): RunwrightError =>
    new RunwrightError('RW_REGISTRY_UNAVAILABLE', { what: 'it broke', hint: 'Try again' });

  it('fetches what is missing, eight at once, read-only, and counts every byte once', async () => {
    const remote = new MemoryBlobs(async function* (bytes) {
      // Until all that may be under way are so; a moment more for one too many.
      await vi.waitUntil(() => remote.most >= 8, { timeout: 4000, interval: 5 }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield bytes;
    });
    const descriptors = Array.from({ length: 30 }, (_, index) => remote.add(randomBytes(1 + index * 10_000)));
    const source = open(remote);
    const [first] = descriptors;
    expect(first && source.localPath(first)).toBeUndefined();
    let bytes = 0;
    const onBytes = (count: number): void => void (bytes += count);
    await source.fetch([...descriptors, ...descriptors.slice(0, 3)], { onBytes });
    const total = [...descriptors, ...descriptors.slice(0, 3)].reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBe(total);
    expect(remote.most).toBe(8);
    for (const descriptor of descriptors) {
      const path = source.localPath(descriptor) ?? '';
      expect(digestOf(readFileSync(path))).toBe(descriptor.digest);
      expect(statSync(path).mode & 0o777).toBe(0o444);
    }
    expect(partials()).toEqual([]);

    bytes = 0;
    const reads = remote.reads.length;
    await open(remote).fetch(descriptors, { onBytes });
    expect(remote.reads.length).toBe(reads);
    expect(bytes).toBe(descriptors.reduce((sum, { size }) => sum + size, 0));
  });

  it('streams out of the cache, fetching first', async () => {
    const remote = new MemoryBlobs();
    const bytes = randomBytes(3 * MIB + 7);
    const descriptor = remote.add(bytes);
    const source = open(remote);
    expect((await buffer(await source.stream(descriptor))).equals(bytes)).toBe(true);
    expect((await buffer(await source.stream(descriptor))).equals(bytes)).toBe(true);
    expect(remote.reads).toEqual([{ digest: descriptor.digest, offset: 0 }]);
  });

  it('goes on from where a stream broke, wherever that is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 6 }),
        fc.integer({ min: 0, max: 1_500_000 }),
        fc.boolean(),
        async (breaks, size, isOwn) => {
          const remote = new MemoryBlobs(async function* (bytes, call) {
            const at = breaks[call - 1];
            yield await Promise.resolve(bytes.subarray(0, at));
            if (at !== undefined) throw isOwn ? broken() : new Error('ECONNRESET');
          });
          const descriptor = remote.add(randomBytes(size));
          const source = open(remote);
          let told = 0;
          await source.fetch([descriptor], { onBytes: (count) => void (told += count) });
          expect(told).toBe(size);
          expect(digestOf(readFileSync(source.localPath(descriptor) ?? ''))).toBe(descriptor.digest);
          // Nothing is asked for twice.
          let offset = 0;
          remote.reads.forEach((read, index) => {
            expect(read.offset).toBe(offset);
            offset = Math.min(size, offset + (breaks[index] ?? size));
          });
        },
      ),
      { numRuns: 15, examples: [[[5], 10, true]] },
    );
  });

  it('gives up on a stream that brings nothing, and keeps what there is for the next one', async () => {
    const bytes = randomBytes(2 * MIB);
    const stubborn = new MemoryBlobs(async function* (rest, call) {
      if (call === 1) yield await Promise.resolve(rest.subarray(0, MIB + 5));
      throw broken();
    });
    const descriptor = stubborn.add(bytes);
    await expect(open(stubborn).fetch([descriptor])).rejects.toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
    });
    expect(stubborn.reads.length).toBeGreaterThan(2);
    expect(stubborn.reads.length).toBeLessThan(10);
    expect(partials()).toEqual([hexOf(descriptor.digest)]);
    expect(blobs()).toEqual([]);

    const remote = new MemoryBlobs();
    remote.add(bytes);
    await open(remote).fetch([descriptor]);
    expect(remote.reads).toEqual([{ digest: descriptor.digest, offset: MIB + 5 }]);
    expect(readFileSync(join(folder, 'blobs', 'sha256', hexOf(descriptor.digest))).equals(bytes)).toBe(true);
    expect(partials()).toEqual([]);
  }, 60_000);

  it('goes on with what a killed process left, and begins again when that is wrong', async () => {
    const remote = new MemoryBlobs();
    const bytes = randomBytes(MIB);
    const descriptor = remote.add(bytes);
    const hex = hexOf(descriptor.digest);
    mkdirSync(join(folder, 'blobs', 'partial'), { recursive: true });
    // The start time of this process is not 1.
    const dead = newOwnerId().replace(/-(\d+|x)-([0-9a-f]{16})$/, '-1-$2');
    writeFileSync(join(folder, 'blobs', 'partial', `${hex}.${dead}`), bytes.subarray(0, 1000), {
      mode: 0o600,
    });
    await open(remote).fetch([descriptor]);
    expect(remote.reads).toEqual([{ digest: descriptor.digest, offset: 1000 }]);

    rmSync(join(folder, 'blobs', 'sha256'), { recursive: true });
    writeFileSync(join(folder, 'blobs', 'partial', `${hex}.${dead}`), randomBytes(1000));
    let told = 0;
    await open(remote).fetch([descriptor], { onBytes: (count) => void (told += count) });
    expect(remote.reads.slice(1).map(({ offset }) => offset)).toEqual([1000, 0]);
    expect(told).toBe(MIB);

    rmSync(join(folder, 'blobs', 'sha256'), { recursive: true });
    writeFileSync(join(folder, 'blobs', 'partial', hex), randomBytes(2 * MIB));
    await open(remote).fetch([descriptor]);
    expect(readFileSync(join(folder, 'blobs', 'sha256', hex)).equals(bytes)).toBe(true);
    expect(partials()).toEqual([]);
  });

  it('forgets old leftovers of other blobs', async () => {
    const remote = new MemoryBlobs();
    const old = join(folder, 'blobs', 'partial', 'a'.repeat(64));
    const young = join(folder, 'blobs', 'partial', 'b'.repeat(64));
    mkdirSync(join(folder, 'blobs', 'partial'), { recursive: true });
    for (const path of [old, young]) writeFileSync(path, 'x');
    const longAgo = Date.now() / 1000 - 8 * 24 * 3600;
    utimesSync(old, longAgo, longAgo);
    await open(remote).fetch([remote.add(Buffer.from('x'))]);
    expect(partials()).toEqual(['b'.repeat(64)]);
  });

  it('refuses wrong bytes, too few and too many, and leaves nothing of them', async () => {
    const right = randomBytes(100_000);
    for (const wrong of [randomBytes(100_000), right.subarray(0, 99_999), Buffer.concat([right, right])]) {
      const remote = new MemoryBlobs();
      const descriptor = remote.add(right);
      remote.blobs.set(descriptor.digest, wrong);
      const fetching = open(remote).fetch([
        { ...descriptor, annotations: { 'org.cncf.model.filepath': 'model/w.bin' } },
      ]);
      await expect(fetching).rejects.toMatchObject({
        code: 'RW_PACKAGE_CORRUPT',
        where: expect.stringContaining('model/w.bin'),
      });
      expect([...partials(), ...blobs()]).toEqual([]);
    }
  }, 60_000);

  it('takes a blob that was spoilt once', async () => {
    const remote = new MemoryBlobs(async function* (bytes, call) {
      yield await Promise.resolve(call === 1 ? Buffer.from(bytes.map((byte) => byte ^ 1)) : bytes);
    });
    const descriptor = remote.add(randomBytes(1000));
    const source = open(remote);
    await source.fetch([descriptor]);
    expect(digestOf(readFileSync(source.localPath(descriptor) ?? ''))).toBe(descriptor.digest);
  });

  it('fetches a damaged blob of the cache again', async () => {
    const remote = new MemoryBlobs();
    const bytes = randomBytes(10_000);
    const descriptor = remote.add(bytes);
    const damage = (path: string, content: Buffer): void => {
      chmodSync(path, 0o644);
      writeFileSync(path, content);
    };
    const source = open(remote);
    await source.fetch([descriptor]);
    const path = source.localPath(descriptor) ?? '';
    for (const content of [randomBytes(10_000), Buffer.alloc(0)]) {
      damage(path, content);
      await source.fetch([descriptor]);
      expect(readFileSync(path).equals(bytes)).toBe(true);
      damage(path, content);
      await open(remote).fetch([descriptor]);
      expect(readFileSync(path).equals(bytes)).toBe(true);
    }
    expect(statSync(path).mode & 0o777).toBe(0o444);
  });

  it('fetches one blob once for several that want it at the same time', async () => {
    const remote = new MemoryBlobs(async function* (bytes) {
      for (let at = 0; at < bytes.length; at += 10_000) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield bytes.subarray(at, at + 10_000);
      }
    });
    const descriptor = remote.add(randomBytes(300_000));
    const told = [0, 0, 0];
    await Promise.all(
      told.map(async (_, index) => {
        // Of two that begin at the very same time both may go on.
        if (index > 0) await vi.waitUntil(() => remote.reads.length > 0, { interval: 5 });
        await open(remote).fetch([descriptor], { onBytes: (count) => void (told[index]! += count) });
      }),
    );
    expect(remote.reads.length).toBe(1);
    expect(told).toEqual([300_000, 300_000, 300_000]);
  });

  it('stops when it is told to, and goes on later', async () => {
    const stop = new AbortController();
    const remote = new MemoryBlobs(async function* (bytes, call) {
      yield bytes.subarray(0, 5000);
      if (call === 1) await new Promise((resolve) => setTimeout(resolve, 500));
      yield bytes.subarray(5000);
    });
    const descriptor = remote.add(randomBytes(10_000));
    const fetching = open(remote).fetch([descriptor], {
      signal: stop.signal,
      onBytes: () => setTimeout(() => stop.abort(new Error('enough')), 10),
    });
    await expect(fetching).rejects.toMatchObject({ code: 'RW_ABORTED' });
    expect(partials()).toEqual([hexOf(descriptor.digest)]);
    await open(remote).fetch([descriptor]);
    expect(remote.reads[1]?.offset).toBe(5000);
    await expect(
      open(remote).fetch([remote.add(randomBytes(3))], { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'RW_ABORTED' });
  });

  it('says that the cache cannot be written, and tells the first of several failures', async () => {
    const remote = new MemoryBlobs();
    const descriptor = remote.add(randomBytes(10));
    writeFileSync(join(folder, 'file'), '');
    const source = new CachedBlobs(remote, new BlobCache(join(folder, 'file')));
    await expect(source.fetch([descriptor])).rejects.toMatchObject({ code: 'RW_IO' });

    const half = new MemoryBlobs();
    const descriptors = Array.from({ length: 12 }, () => half.add(randomBytes(10)));
    half.blobs.set(descriptors[3]!.digest, randomBytes(10));
    await expect(open(half).fetch(descriptors)).rejects.toMatchObject({
      code: 'RW_PACKAGE_CORRUPT',
      where: expect.stringContaining(descriptors[3]!.digest),
    });
  });
});

describe('BlobCache', () => {
  it('keeps manifests: whole, right, and not too large', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'runwright-cache-'));
    try {
      const cache = BlobCache.open({ RUNWRIGHT_CACHE: folder });
      const bytes = Buffer.from('{"a":1}');
      const digest = digestOf(bytes);
      expect(await cache.readBytes(digest, 100)).toBeUndefined();
      expect(await cache.writeBytes(bytes)).toBe(digest);
      expect(await cache.writeBytes(bytes)).toBe(digest);
      expect(await cache.readBytes(digest, 100)).toEqual(bytes);
      expect(await cache.readBytes(digest, 6)).toBeUndefined();
      expect(await cache.has({ mediaType: '', digest, size: 7 })).toBe(true);
      chmodSync(cache.path(digest), 0o644);
      writeFileSync(cache.path(digest), '{"a":2}');
      expect(await cache.readBytes(digest, 100)).toBeUndefined();
      await cache.writeBytes(bytes);
      expect(await cache.readBytes(digest, 100)).toEqual(bytes);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
