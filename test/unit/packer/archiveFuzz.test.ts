import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hexOf } from '../../../src/artifact/Digest';
import { digestOf } from '../../../src/artifact/digestOf';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { unpackArchive } from '../../../src/packer/archive/unpackArchive';
import { tarEntry, tarOf } from './tarBytes';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runwright-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const blob = (body: Buffer) => ({ name: `blobs/sha256/${hexOf(digestOf(body))}`, body });
const manifest = Buffer.from('{"schemaVersion":2}');
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const index = {
  schemaVersion: 2,
  manifests: [{ mediaType, digest: digestOf(manifest), size: manifest.length }],
};
const entries = [
  { name: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
  { name: 'index.json', body: JSON.stringify(index) },
  blob(manifest),
  blob(Buffer.from('weights')),
  blob(Buffer.alloc(700, 7)),
];
const good = tarOf(entries);

/** Unpacks, and checks what must hold whatever the bytes are. */
async function attempt(bytes: Buffer): Promise<boolean> {
  const file = join(folder, 'fuzzed.tar');
  const target = join(folder, 'target');
  await writeFile(file, bytes);
  await mkdir(target);
  try {
    const unpacked = await unpackArchive(file, target);
    expect(digestOf(unpacked.manifest)).toBe(unpacked.manifestDigest);
    for (const name of await readdir(join(target, 'blobs/sha256'))) {
      const content = await readFile(join(target, 'blobs/sha256', name));
      expect(createHash('sha256').update(content).digest('hex')).toBe(name);
    }
    return true;
  } catch (error) {
    if (!RunwrightError.is(error)) throw error;
    expect(await readdir(target)).toEqual([]);
    return false;
  } finally {
    expect((await readdir(folder)).sort()).toEqual(['fuzzed.tar', 'target']);
    await rm(target, { recursive: true });
  }
}

it('unpacks the archive that the others are made of', async () => {
  expect(await attempt(good)).toBe(true);
});

it('survives flipped bits: the blobs are right or there are none', async () => {
  const flip = fc.tuple(fc.nat(good.length - 1), fc.nat(7));
  await fc.assert(
    fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 5 }), async (flips) => {
      const bytes = Buffer.from(good);
      for (const [place, bit] of flips) bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
      await attempt(bytes);
    }),
    { numRuns: 200 },
  );
});

it('survives headers whose checksum is right and whose fields are anything', async () => {
  const header = fc.record({
    name: fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abz./\\:\u0001 -'), maxLength: 40 }),
      fc.constantFrom(...entries.map(({ name }) => name), 'blobs', 'blobs/sha256/'),
    ),
    flag: fc.constantFrom(...'01234567xgLKSDMVN\0 '),
    size: fc.oneof(
      fc.nat(2000),
      fc.maxSafeNat().map((size) => size % 8 ** 11),
    ),
    body: fc.string({ maxLength: 1500 }),
    magic: fc.constantFrom('ustar\x0000', 'ustar  \0', 'ustar\x0001', ''),
  });
  await fc.assert(
    fc.asyncProperty(header, fc.nat(entries.length), async (hostile, place) => {
      const mixed = entries.map((entry) => tarEntry(entry));
      mixed.splice(place, 0, tarEntry(hostile));
      await attempt(Buffer.concat([...mixed, Buffer.alloc(1024)]));
    }),
    { numRuns: 300 },
  );
});

it('refuses every truncation', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), async (length) => {
      expect(await attempt(good.subarray(0, length))).toBe(false);
    }),
    { numRuns: 150 },
  );
});
