import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { readCodeTar } from '../../../src/packer/archive/readCodeTar';
import { writeCodeTar } from '../../../src/packer/archive/writeCodeTar';
import { tarOf, type RawEntry } from './tarBytes';

const name = fc
  .stringMatching(/^[a-z0-9é😀][a-z0-9é😀_. -]{0,30}$/u)
  .filter((text) => text !== '.' && text !== '..');
const fileSet = fc
  .uniqueArray(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.uint8Array({ maxLength: 2000 })), {
    // Names that differ in their first part only in form, or a file inside a file, are refused on purpose.
    selector: ([parts]) => parts[0]?.normalize('NFKC').toLowerCase(),
    maxLength: 6,
  })
  .map((files) => files.map(([parts, bytes]) => [parts.join('/'), bytes] as const));

describe('the code tar', () => {
  it('comes back as it was, and has one form whatever the order of its files', async () => {
    await fc.assert(
      fc.asyncProperty(fileSet, async (files) => {
        const bytes = await writeCodeTar(new Map(files));
        expect((await writeCodeTar(new Map([...files].reverse()))).equals(bytes)).toBe(true);
        const read = await readCodeTar(bytes);
        expect([...read.keys()].sort()).toEqual(files.map(([path]) => path).sort());
        for (const [path, content] of files) expect(read.get(path)?.equals(content)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('is a tar like any other: sorted by code point, without clock or user', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'runwright-code-'));
    try {
      const file = join(folder, 'code.tar');
      const long = `deep/${'x'.repeat(150)}.js`;
      const files = ['\u{1f600}.js', '\uff5e.js', 'index.js', long, 'b/a.js'].map(
        (path) => [path, Buffer.from(path)] as const,
      );
      await writeFile(file, await writeCodeTar(new Map(files)));
      const listed = execFileSync(
        'tar',
        ['--quoting-style=literal', '--full-time', '--numeric-owner', '-tvf', file],
        {
          encoding: 'utf8',
          env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
        },
      );
      const lines = listed.trimEnd().split('\n');
      expect(lines.map((line) => line.split(' ').at(-1))).toEqual([
        'b/a.js',
        long,
        'index.js',
        '\uff5e.js',
        '\u{1f600}.js',
      ]);
      for (const line of lines) expect(line).toMatch(/^-rw-r--r-- 0\/0 .*1970-01-01 00:00:00/);
      execFileSync('tar', ['-xf', file, '-C', folder]);
      expect(await readFile(join(folder, long), 'utf8')).toBe(long);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each(['../a.js', '/a.js', 'C:a.js', 'a\\b.js', 'a//b.js', './a.js', 'a\0.js', ''])(
    'is not written with the path %j, which reading would refuse',
    async (path) => {
      await expect(writeCodeTar(new Map([[path, Buffer.from('x')]]))).rejects.toMatchObject({
        code: 'RW_PACKAGE_INVALID',
      });
    },
  );

  it.each<[string, RawEntry[], RegExp]>([
    ['a link', [{ name: 'a.js', flag: '2', link: '/etc/passwd' }], /symbolic link/],
    ['a way out', [{ name: 'a/../../b.js' }], /leads out/],
    ['a file twice', [{ name: 'a.js' }, { name: 'a.js' }], /twice/],
    ['names that differ in case', [{ name: 'a.js' }, { name: 'A.js' }], /but for case/],
    ['folders that differ in case', [{ name: 'a/x.js' }, { name: 'A/y.js' }], /but for case/],
    ['a composed and a decomposed name', [{ name: '\u00e9.js' }, { name: 'e\u0301.js' }], /Unicode form/],
    ['a file inside a file', [{ name: 'a' }, { name: 'a/b' }], /file and a folder/],
    [
      'too many files',
      Array.from({ length: 1001 }, (_, place) => ({ name: `${place}.js` })),
      /more than 1000/,
    ],
  ])('is refused with %s', async (_, entries, message) => {
    const reading = readCodeTar(tarOf(entries));
    await expect(reading).rejects.toSatisfy((error) => RunwrightError.is(error));
    await expect(reading).rejects.toMatchObject({ code: 'RW_PACKAGE_INVALID', where: 'code layer' });
    await expect(reading).rejects.toThrow(message);
  });

  it('never gives anything but files or an error of ours, whatever the bytes', async () => {
    const good = await writeCodeTar(
      new Map([
        ['index.js', Buffer.from('export {}')],
        [`${'d/'.repeat(80)}é.js`, Buffer.alloc(600)],
      ]),
    );
    const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(
        flips,
        fc.nat(good.length),
        fc.uint8Array({ maxLength: 600 }),
        async (changes, length, tail) => {
          const bytes = Buffer.concat([good.subarray(0, length), tail]);
          for (const [place, mask] of changes)
            if (place < bytes.length) bytes[place] = (bytes[place] ?? 0) ^ mask;
          try {
            for (const path of (await readCodeTar(bytes)).keys())
              expect(path).not.toMatch(/^\/|\\|\.\.(\/|$)/);
          } catch (error) {
            if (!RunwrightError.is(error)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
