import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
import type { TarArchive } from 'archiver';
import type { BlobSource } from '../../artifact/BlobSource';
import { canonicalJson } from '../../artifact/canonicalJson';
import type { Descriptor } from '../../artifact/Descriptor';
import { digestOf, hexOf, type Digest } from '../../artifact/Digest';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import { appendToTar, createTar, finishTar } from './reproducibleTar';
import { corruptBlob } from './corruptBlob';

export interface WriteArchiveOptions {
  /** Path of the archive; a file that is there is replaced in one step. */
  readonly file: string;
  /** The package's manifest, byte for byte. */
  readonly manifest: Uint8Array;
  readonly manifestDigest: Digest;
  /** Tag of the package in the archive. */
  readonly name?: string | undefined;
  /** Config and layers. A digest that stands there twice is written once. */
  readonly blobs: readonly Descriptor[];
  readonly source: BlobSource;
  readonly signal?: AbortSignal | undefined;
  /** Called as the bytes of blobs go by, with how many have gone by since the last call. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * Writes a package as an OCI archive: an OCI image layout in one tar. The same package gives the same bytes. Nothing is
 * left behind when it fails.
 *
 * @returns the size of the archive in bytes
 * @throws RunwrightError RW_PACKAGE_CORRUPT when a blob's bytes are not those of its digest, RW_ABORTED, RW_IO
 */
export async function writeArchive(options: WriteArchiveOptions): Promise<{ size: number }> {
  const { file, manifest, manifestDigest, signal } = options;
  if (digestOf(manifest) !== manifestDigest) throw corruptBlob(file, manifestDigest);
  let size = 0;
  const aside = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  try {
    signal?.throwIfAborted();
    const handle = await open(aside, 'wx');
    try {
      const tar = await createTar();
      if (signal !== undefined) addAbortSignal(signal, tar);
      const ended = new AbortController();
      const filled = fill(tar, options, ended.signal).catch(
        (error: unknown) => void tar.destroy(error as Error),
      );
      try {
        await writeFile(handle, tar);
      } finally {
        ended.abort();
        await filled;
      }
      await handle.sync();
      size = (await handle.stat()).size;
    } finally {
      await handle.close();
    }
    await rename(aside, file);
    await syncFolder(dirname(file));
    return { size };
  } catch (error) {
    await rm(aside, { force: true });
    if (signal?.aborted) {
      throw new RunwrightError('RW_ABORTED', {
        where: file,
        what: 'the work was stopped',
        cause: signal.reason,
      });
    }
    throw ioError(error, file, 'write the archive');
  }
}

async function fill(tar: TarArchive, options: WriteArchiveOptions, signal: AbortSignal): Promise<void> {
  const { manifest, manifestDigest, name, blobs, source } = options;
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: [
      {
        mediaType: MEDIA_TYPES.manifest,
        digest: manifestDigest,
        size: manifest.byteLength,
        ...(name === undefined ? {} : { annotations: { [ANNOTATIONS.refName]: name } }),
      },
    ],
  };
  await appendToTar(tar, 'oci-layout', canonicalJson({ imageLayoutVersion: '1.0.0' }), signal);
  await appendToTar(tar, 'index.json', canonicalJson(index), signal);

  const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
  byDigest.delete(manifestDigest);
  for (const digest of [...byDigest.keys(), manifestDigest].sort()) {
    const blob = byDigest.get(digest);
    const path = `blobs/sha256/${hexOf(digest)}`;
    if (blob === undefined) {
      await appendToTar(tar, path, Buffer.from(manifest), signal);
      continue;
    }
    const stream = Readable.from(verified(await source.stream(blob), blob, options), { objectMode: false });
    // archiver does not listen to a source's errors.
    stream.once('error', (error) => tar.destroy(error));
    try {
      await appendToTar(tar, path, { stream, size: blob.size }, signal);
    } finally {
      stream.destroy();
    }
  }
  finishTar(tar);
}

/** Passes the bytes on, and fails before their end when they are not the descriptor's. */
async function* verified(
  stream: Readable,
  { digest, size }: Descriptor,
  { file, onBytes }: WriteArchiveOptions,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let seen = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    seen += chunk.length;
    if (seen > size) throw corruptBlob(file, digest);
    hash.update(chunk);
    onBytes?.(chunk.length);
    yield chunk;
  }
  if (seen !== size || `sha256:${hash.digest('hex')}` !== digest) throw corruptBlob(file, digest);
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no handle of a folder to sync.
  if (process.platform === 'win32') return;
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}
