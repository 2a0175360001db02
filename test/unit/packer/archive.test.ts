import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobSource } from '../../../src/artifact/BlobSource';
import { canonicalJson } from '../../../src/artifact/canonicalJson';
import type { Descriptor } from '../../../src/artifact/Descriptor';
import { hexOf, type Digest } from '../../../src/artifact/Digest';
import { digestOf } from '../../../src/artifact/digestOf';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { unpackArchive } from '../../../src/packer/archive/unpackArchive';
import { writeArchive } from '../../../src/packer/archive/writeArchive';
import { paxEntry, tarOf, type RawEntry } from './tarBytes';

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runwright-archive-'));
  target = join(folder, 'target');
  await mkdir(target);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const MEDIA = 'application/vnd.oci.image.manifest.v1+json';

/** A package of some blobs, as writeArchive takes it. */
function packageOf(...contents: Buffer[]) {
  const blobs = contents.map((bytes): Descriptor => ({
    mediaType: 'application/octet-stream',
    digest: digestOf(bytes),
    size: bytes.length,
  }));
  const manifest = canonicalJson({ schemaVersion: 2, mediaType: MEDIA, layers: blobs });
  const bytesOf = new Map(contents.map((bytes) => [digestOf(bytes), bytes]));
  const source: BlobSource = {
    stream: ({ digest }) =>
      Promise.resolve(Readable.from([bytesOf.get(digest) ?? Buffer.alloc(0)], { objectMode: false })),
    localPath: () => undefined,
  };
  return { manifest, manifestDigest: digestOf(manifest), blobs, source };
}

/** The entries of a good archive, to be spoilt. */
function goodEntries(...contents: Buffer[]): RawEntry[] {
  const { manifest, manifestDigest } = packageOf(...contents);
  const index = {
    schemaVersion: 2,
    manifests: [{ mediaType: MEDIA, digest: manifestDigest, size: manifest.length }],
  };
  return [
    { name: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', body: canonicalJson(index) },
    ...[...contents, manifest].map((body) => ({ name: `blobs/sha256/${hexOf(digestOf(body))}`, body })),
  ];
}

const HEX = 'a'.repeat(64);

async function unpack(bytes: Buffer, limits?: Parameters<typeof unpackArchive>[2]) {
  const file = join(folder, 'some.tar');
  await writeFile(file, bytes);
  return unpackArchive(file, target, limits);
}

async function refusal(promise: Promise<unknown>): Promise<RunwrightError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!RunwrightError.is(error)) throw new Error('expected a RunwrightError', { cause: error });
  return error;
}

describe('writeArchive and unpackArchive', () => {
  it.skipIf(process.platform === 'win32')('leave a pipe and a folder what they are', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, folder]) {
      const error = await refusal(writeArchive({ file, ...packageOf(Buffer.from('weights')) }));
      expect(error).toMatchObject({ code: 'RW_OPTION_INVALID', where: file });
    }
    expect((await stat(pipe)).isFIFO()).toBe(true);
    expect((await readdir(folder)).filter((name) => name.includes('.'))).toEqual([]);
  });

  it('bring a package from one machine to another', async () => {
    const contents = [Buffer.from('weights'), randomBytes(3_000_000), Buffer.alloc(0), Buffer.alloc(512, 1)];
    const { manifest, manifestDigest, ...rest } = packageOf(...contents);
    const file = join(folder, 'model.tar');
    let bytes = 0;
    const { size } = await writeArchive({
      file,
      manifest,
      manifestDigest,
      name: '3',
      ...rest,
      onBytes: (count) => (bytes += count),
    });
    expect(size).toBe((await stat(file)).size);
    expect(bytes).toBe(contents.reduce((sum, { length }) => sum + length, 0));
    const unpacked = await unpackArchive(file, target);
    expect(unpacked).toEqual({ manifestDigest, manifest });
    const index = JSON.parse(await readFile(join(target, 'index.json'), 'utf8')) as unknown;
    expect(index).toMatchObject({
      manifests: [{ annotations: { 'org.opencontainers.image.ref.name': '3' } }],
    });
    const names = (await readdir(join(target, 'blobs/sha256'))).sort();
    expect(names).toEqual([...contents, manifest].map((blob) => hexOf(digestOf(blob))).sort());
    for (const name of names) {
      const blob = await readFile(join(target, 'blobs/sha256', name));
      expect(createHash('sha256').update(blob).digest('hex')).toBe(name);
    }
  });

  it('give the same bytes for the same package, whatever the order of its blobs', async () => {
    const { blobs, ...rest } = packageOf(randomBytes(100_000), randomBytes(10), randomBytes(70_000));
    const files = [join(folder, 'a.tar'), join(folder, 'b.tar')] as const;
    await writeArchive({ file: files[0], blobs, ...rest });
    await writeArchive({ file: files[1], blobs: [...blobs, ...blobs].reverse(), ...rest });
    expect((await readFile(files[1])).equals(await readFile(files[0]))).toBe(true);
  });

  it('write what tar lists: index first, then blobs by name', async () => {
    const { manifestDigest, ...rest } = packageOf(Buffer.from('one'), Buffer.from('two'));
    const file = join(folder, 'model.tar');
    await writeArchive({ file, manifestDigest, ...rest });
    const listed = execFileSync('tar', ['-tvf', file, '--full-time', '--numeric-owner'], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    const lines = listed.trimEnd().split('\n');
    const blobs = [...rest.blobs.map(({ digest }) => digest), manifestDigest].sort();
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual([
      'oci-layout',
      'index.json',
      ...blobs.map((digest) => `blobs/sha256/${hexOf(digest)}`),
    ]);
    for (const line of lines) expect(line).toMatch(/^-rw-r--r-- 0\/0 .*1970-01-01 00:00:00/);
  });

  it.each([
    ['changed', Buffer.from('weighty')],
    ['cut', Buffer.from('weigh')],
    ['extended', Buffer.from('weights and more')],
  ])('write no file when a blob was %s since it was hashed', async (_, changed) => {
    const { source, ...rest } = packageOf(Buffer.from('weights'));
    const lying: BlobSource = {
      ...source,
      stream: () => Promise.resolve(Readable.from([changed], { objectMode: false })),
    };
    const error = await refusal(writeArchive({ file: join(folder, 'model.tar'), source: lying, ...rest }));
    expect(error.code).toBe('RW_PACKAGE_CORRUPT');
    expect(await readdir(folder)).toEqual(['target']);
  });

  it('leave the former archive alone when a source fails in the middle', async () => {
    const { source, ...rest } = packageOf(randomBytes(300_000), randomBytes(300_000));
    const file = join(folder, 'model.tar');
    await writeFile(file, 'former');
    let opened = 0;
    const failing: BlobSource = {
      ...source,
      stream: async (descriptor) => {
        if (++opened === 1) return source.stream(descriptor);
        const whole = await source.stream(descriptor);
        whole.destroy(new Error('the disk went away'));
        return whole;
      },
    };
    const error = await refusal(writeArchive({ file, source: failing, ...rest }));
    expect(error).toMatchObject({ code: 'RW_IO', where: file });
    expect(await readFile(file, 'utf8')).toBe('former');
    expect((await readdir(folder)).sort()).toEqual(['model.tar', 'target']);
  });

  it('stop when asked to, before and in the middle, and leave nothing', async () => {
    const input = packageOf(randomBytes(2_000_000));
    const file = join(folder, 'model.tar');
    const before = await refusal(writeArchive({ file, ...input, signal: AbortSignal.abort() }));
    const stop = new AbortController();
    const middle = await refusal(
      writeArchive({ file, ...input, signal: stop.signal, onBytes: () => stop.abort() }),
    );
    expect([before.code, middle.code]).toEqual(['RW_ABORTED', 'RW_ABORTED']);
    expect(await readdir(folder)).toEqual(['target']);
  });

  it('say which folder is missing, or that the manifest is another', async () => {
    const input = packageOf(Buffer.from('x'));
    const file = join(folder, 'none', 'model.tar');
    expect(await refusal(writeArchive({ file, ...input }))).toMatchObject({ code: 'RW_IO', where: file });
    const other = writeArchive({ ...input, file: join(folder, 'm.tar'), manifest: Buffer.from('{}') });
    expect((await refusal(other)).code).toBe('RW_PACKAGE_CORRUPT');
  });
});

describe('unpackArchive', () => {
  const good = goodEntries(Buffer.from('weights'));

  it('takes what GNU tar makes of a layout folder, folders and ./ included', async () => {
    const layout = join(folder, 'layout');
    for (const { name, body = '' } of good) {
      await mkdir(join(layout, name, '..'), { recursive: true });
      await writeFile(join(layout, name), body);
    }
    for (const format of ['gnu', 'pax', 'ustar']) {
      execFileSync('tar', ['-C', layout, `--format=${format}`, '-cf', join(folder, 'gnu.tar'), '.']);
      await unpackArchive(join(folder, 'gnu.tar'), target);
      expect((await readdir(target)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
      await rm(target, { recursive: true });
      await mkdir(target);
    }
  });

  const hostile: [string, RawEntry | RawEntry[], RegExp][] = [
    ['..', { name: '../evil' }, /leads out/],
    ['.. in the middle', { name: `blobs/../../${HEX}` }, /leads out/],
    ['.. in a pax path', [paxEntry({ path: '../../evil' }), { name: `blobs/sha256/${HEX}` }], /leads out/],
    ['an absolute path', { name: '/etc/passwd' }, /absolute/],
    ['a drive letter', { name: 'C:/evil' }, /drive letter/],
    ['a backslash', { name: '..\\evil' }, /backslash/],
    ['a symbolic link', { name: `blobs/sha256/${HEX}`, flag: '2', link: '/etc/passwd' }, /symbolic link/],
    ['a hard link', { name: `blobs/sha256/${HEX}`, flag: '1', link: 'index.json' }, /hard link/],
    ['a character device', { name: `blobs/sha256/${HEX}`, flag: '3' }, /device/],
    ['a block device', { name: `blobs/sha256/${HEX}`, flag: '4' }, /device/],
    ['a fifo', { name: `blobs/sha256/${HEX}`, flag: '6' }, /fifo/],
    ['a contiguous file', { name: `blobs/sha256/${HEX}`, flag: '7' }, /unknown type/],
    ['a GNU sparse file', { name: `blobs/sha256/${HEX}`, flag: 'S', magic: 'ustar  \0' }, /unknown type/],
    ['a pax sparse file', [paxEntry({ 'GNU.sparse.major': '1' }), { name: `blobs/sha256/${HEX}` }], /sparse/],
    ['a volume header', { name: 'disk', flag: 'V', magic: 'ustar  \0' }, /unknown type/],
    ['a file twice', { name: 'index.json', body: '{}' }, /twice/],
    ['a file twice by ./', { name: './index.json', body: '{}' }, /twice/],
    ['a name but for case', { name: 'INDEX.json' }, /but for case/],
    ['a folder but for case', { name: `Blobs/sha256/${HEX}` }, /but for case/],
    ['a name but for Unicode form', { name: 'index.j\u017fon' }, /but for case or Unicode/],
    ['a name but for width', { name: '\uff49ndex.json' }, /but for case or Unicode/],
    ['a file that is a folder', { name: 'blobs', body: 'x' }, /file and a folder/],
    ['a folder with bytes', { name: 'blobs/', flag: '5', size: 512, body: 'x' }, /bytes of its own/],
    ['a foreign file', { name: 'install.sh', body: 'rm' }, /not part of an OCI image layout/],
    ['a foreign folder', { name: 'home/', flag: '5' }, /not part of an OCI image layout/],
    ['a blob of another hash', { name: `blobs/sha512/${HEX}` }, /not part of an OCI image layout/],
    ['upper-case hex', { name: `blobs/sha256/${HEX.toUpperCase()}` }, /not part of an OCI image layout/],
    ['an empty part', { name: 'blobs//sha256' }, /empty part/],
    ['a control character', { name: 'a\u001b[2Jb' }, /control characters/],
    ['a long name', [paxEntry({ path: 'a/'.repeat(600) + 'b' }), { name: 'a' }], /longer than 1024/],
    ['endless headers', [paxEntry({ comment: 'x'.repeat(40_000) }), { name: 'a' }], /longer than 32768/],
    ['a size beyond the end', { name: `blobs/sha256/${HEX}`, size: 1e6, body: 'x' }, /beyond the end/],
    [
      'a pax size beyond the end',
      [paxEntry({ size: '999999999999999999999' }), { name: 'a' }],
      /beyond the end/,
    ],
  ];
  it.each(hostile)('refuses %s before anything is written', async (_, entries, message) => {
    const error = await refusal(unpack(tarOf([...good, entries].flat())));
    expect(error.code).toBe('RW_PACKAGE_INVALID');
    expect(error.message).toMatch(message);
    expect(error.hint).toContain('npx runwright build');
    expect(await readdir(target)).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(['some.tar', 'target']);
  });

  it('names the entry, in printable characters and not at length', async () => {
    const { message } = await refusal(unpack(tarOf([...good, { name: '/\u001b[31m"\u202e' }])));
    expect(message).toContain('the entry "/\\u{1b}[31m\\"\\u{202e}" has an absolute path');
    const long = await refusal(
      unpack(tarOf([...good, paxEntry({ path: '/' + 'x'.repeat(900) }), { name: 'a' }])),
    );
    expect(long.message.length).toBeLessThan(folder.length + 320);
  });

  it('refuses more entries or bytes than allowed', async () => {
    const bytes = tarOf(good);
    expect((await refusal(unpack(bytes, { maxEntries: 3 }))).message).toMatch(/more than 3 entries/);
    const total = good.reduce((sum, { body = '' }) => sum + body.length, 0);
    expect((await refusal(unpack(bytes, { maxBytes: total - 1 }))).message).toMatch(/more than \d+ bytes/);
    expect(await readdir(target)).toEqual([]);
    await unpack(bytes, { maxEntries: 4, maxBytes: total });
  });

  it.each([
    ['no end', Buffer.alloc(0), /truncated/],
    ['half an end', Buffer.alloc(512), /truncated/],
    ['text after the end', Buffer.concat([Buffer.alloc(1024), Buffer.alloc(512, 'x')]), /after the end/],
    [
      'another tar after the end',
      Buffer.concat([Buffer.alloc(1024), tarOf([{ name: 'x' }])]),
      /after the end/,
    ],
    ['a tail that is no block', Buffer.concat([Buffer.alloc(1024), Buffer.from('x')]), /truncated/],
    ['zeros without end', Buffer.alloc(2 * 1024 * 1024), /after the end/],
    ['a damaged header', Buffer.alloc(1024, 'x'), /damaged/],
  ])('refuses a tar with %s', async (_, end, message) => {
    const error = await refusal(unpack(tarOf(good, end)));
    expect(error.code).toBe('RW_PACKAGE_INVALID');
    expect(error.message).toMatch(message);
    expect(await readdir(target)).toEqual([]);
  });

  it.each([
    ['gzip', Buffer.from('1f8b08000000000000', 'hex'), /a gzip file/],
    ['zip', Buffer.from('504b030414000000', 'hex'), /a zip file/],
    ['zstd', Buffer.from('28b52ffd00', 'hex'), /a zstd file/],
    ['nothing', Buffer.alloc(0), /an empty file/],
    ['text', Buffer.alloc(2048, 'words '), /a file of another kind/],
  ])('says that %s is not an OCI archive, and how one is made', async (_, bytes, message) => {
    const error = await refusal(unpack(bytes));
    expect(error.code).toBe('RW_PACKAGE_INVALID');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('not an OCI archive');
    expect(error.message).toContain('npx runwright build');
  });

  const layout = good[0] as RawEntry;
  const index = good[1] as RawEntry;
  const rest = good.slice(2);
  const indexOf = (...manifests: unknown[]) => ({
    name: 'index.json',
    body: JSON.stringify({ schemaVersion: 2, manifests }),
  });
  const digest: Digest = `sha256:${HEX}`;
  const one = { mediaType: MEDIA, digest, size: 1 };
  it.each<[string, RawEntry[], RegExp]>([
    ['without oci-layout', [index, ...rest], /"oci-layout" is missing/],
    [
      'of a later version',
      [{ name: 'oci-layout', body: '{"imageLayoutVersion":"2.0.0"}' }, index, ...rest],
      /1\.0\.0/,
    ],
    ['without an index', [layout, ...rest], /"index.json" is missing/],
    ['with a broken index', [layout, { name: 'index.json', body: '{' }, ...rest], /not JSON/],
    [
      'with a listless index',
      [layout, { name: 'index.json', body: '[]' }, ...rest],
      /not an OCI image index/,
    ],
    [
      'with an index of another version',
      [layout, { name: 'index.json', body: '{"schemaVersion":1,"manifests":[]}' }, ...rest],
      /not an OCI image index of schema version 2/,
    ],
    ['with no package', [layout, indexOf(), ...rest], /exactly one package/],
    ['with two packages', [layout, indexOf(one, one), ...rest], /exactly one package/],
    [
      'with an index of indexes',
      [layout, indexOf({ ...one, mediaType: 'x' }), ...rest],
      /not an OCI image manifest/,
    ],
    [
      'with a path as digest',
      [layout, indexOf({ ...one, digest: 'sha256:../../x' }), ...rest],
      /not a descriptor/,
    ],
    [
      'with a manifest of no size',
      [layout, indexOf({ mediaType: MEDIA, digest }), ...rest],
      /manifests\[0\]` is not a descriptor/,
    ],
    ['without its manifest', [layout, indexOf(one), ...rest], /is missing/],
    [
      'with a huge index',
      [layout, { name: 'index.json', body: Buffer.alloc(5 * 1024 * 1024, 32) }],
      /larger than/,
    ],
  ])('refuses a layout %s', async (_, entries, message) => {
    const error = await refusal(unpack(tarOf(entries)));
    expect(error.code).toBe('RW_PACKAGE_INVALID');
    expect(error.message).toMatch(message);
    expect(await readdir(target)).toEqual([]);
  });

  it('empties the folder again when a blob is not what its name says', async () => {
    const spoilt = good.map((entry) =>
      entry.body === undefined || entry.body.toString() !== 'weights' ? entry : { ...entry, body: 'weighty' },
    );
    // The last entry, so that others were written before it.
    const error = await refusal(unpack(tarOf([...spoilt, { name: `blobs/sha256/${HEX}`, body: 'x' }])));
    expect(error.code).toBe('RW_PACKAGE_CORRUPT');
    expect(await readdir(target)).toEqual([]);
  });

  it('refuses a manifest that is not what the index says', async () => {
    const entries = good.map((entry, place) =>
      place === good.length - 1 ? { ...entry, body: '{}' } : entry,
    );
    expect((await refusal(unpack(tarOf(entries)))).code).toBe('RW_PACKAGE_CORRUPT');
    expect(await readdir(target)).toEqual([]);
  });

  it('wants an empty folder and leaves a full one as it is', async () => {
    await writeFile(join(target, 'mine'), 'x');
    expect((await refusal(unpack(tarOf(good)))).code).toBe('RW_OPTION_INVALID');
    expect(await readdir(target)).toEqual(['mine']);
  });

  it('names the file or folder that cannot be read', async () => {
    const missing = join(folder, 'none.tar');
    expect(await refusal(unpackArchive(missing, target))).toMatchObject({ code: 'RW_IO', where: missing });
    expect((await refusal(unpackArchive(folder, target))).code).toBe('RW_IO');
  });
});
