import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { streamToFile } from '../../../src/artifact/streamToFile';

let folder: string;
beforeEach(async () => {
  const made = (folder = await mkdtemp(join(tmpdir(), 'runwright-stream-')));
  onTestFinished(() => rm(made, { recursive: true }));
});

// eslint-disable-next-line @typescript-eslint/require-await -- a source that fails after its first piece
async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc');
  throw new Error('broken off');
}

it('writes all of a source, in place of what was there', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'something longer than that');
  await streamToFile(Readable.from([Buffer.from('ab'), Buffer.from('c')]), path);
  expect(await readFile(path, 'utf8')).toBe('abc');
});

it('makes it with the permissions that it is given, and only where there is none', async () => {
  const path = join(folder, 'file');
  const options = { flags: 'wx', mode: 0o600 } as const;
  await streamToFile(Readable.from([Buffer.from('abc')]), path, options);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await expect(streamToFile(Readable.from([]), path, options)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await readFile(path, 'utf8')).toBe('abc');
});

it('fails as its source does, and when it is called off', async () => {
  await expect(streamToFile(breaking(), join(folder, 'file'))).rejects.toThrow('broken off');
  const endless = new Readable({ read: () => undefined });
  const signal = AbortSignal.timeout(20);
  await expect(streamToFile(endless, join(folder, 'endless'), { signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(endless.destroyed).toBe(true);
});

it('fails where there is no folder', async () => {
  const source = Readable.from([Buffer.from('abc')]);
  await expect(streamToFile(source, join(folder, 'none/file'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it.skipIf(process.platform === 'win32')('does not fail before the file that it opens is closed', async () => {
  // It takes as long to open as nobody reads.
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  let failed = false;
  const writing = streamToFile(breaking(), path).catch(() => (failed = true));
  await sleep(100);
  expect(failed).toBe(false);
  await readFile(path);
  await writing;
  expect(failed).toBe(true);
});

it('leaves nothing that comes after its removal', async () => {
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const path = join(folder, String(index));
      await streamToFile(breaking(), path).catch(() => undefined);
      await rm(path, { force: true });
    }),
  );
  expect(await readdir(folder)).toEqual([]);
});
