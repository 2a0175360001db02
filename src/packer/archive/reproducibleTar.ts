import { once } from 'node:events';
import type { Stats } from 'node:fs';
import type { Readable } from 'node:stream';
import type { TarArchive } from 'archiver';

/** What every entry has in common, so that the same input gives the same bytes: no clock, no user. */
const EPOCH = new Date(0);
const MODE = 0o644;

/** A tar of archiver's, which is ESM only and takes 150 ms to load: hence here and not at the top. */
export async function createTar(): Promise<TarArchive> {
  const { TarArchive } = await import('archiver');
  const tar = new TarArchive({ statConcurrency: 1 });
  // An append that still waits in the queue of a destroyed tar would throw where nobody can catch it.
  tar.on('error', () => tar.abort());
  return tar;
}

/** Begins to load archiver, for who will need it and has to wait for something else first. */
export function preloadTar(): void {
  // A failure comes back where the tar is made.
  import('archiver').catch(() => undefined);
}

/** Appends one file and waits until the tar has taken it, which keeps the order and opens one blob at a time. */
export async function appendToTar(
  tar: TarArchive,
  name: string,
  body: Buffer | { stream: Readable; size: number },
  signal?: AbortSignal,
): Promise<void> {
  const entry = { name, date: EPOCH, mode: MODE };
  const taken = once(tar, 'entry', { signal });
  if (Buffer.isBuffer(body)) tar.append(body, entry);
  // Without `stats` archiver would gather the whole stream to learn its size.
  else tar.append(body.stream, { ...entry, stats: { size: body.size } as Stats });
  await taken;
}

/** Ends the tar. Whoever reads it sees its end or its error; archiver's own promise settles at neither when it is destroyed. */
export function finishTar(tar: TarArchive): void {
  tar.finalize().catch(() => undefined);
}
