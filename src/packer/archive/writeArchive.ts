import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import type { TarArchive } from 'archiver';
import type { BlobSource } from '../../artifact/BlobSource';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { EMPTY_IMAGE_INDEX, formatImageIndex, type ImageIndex } from '../../artifact/imageIndex';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import { blobPath, OCI_LAYOUT } from '../../artifact/ociLayout';
import { syncFolder } from '../../artifact/syncFolder';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import { appendToTar, createTar, finishTar } from './reproducibleTar';

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
 * @throws RunwrightError RW_PACKAGE_CORRUPT when a blob's bytes are not those of its digest, RW_OPTION_INVALID when `file` is
 *   a folder, a device or a pipe, RW_ABORTED, RW_IO
 */
export async function writeArchive(options: WriteArchiveOptions): Promise<{ size: number }> {
  const { file, manifest, manifestDigest, signal } = options;
  if (digestOf(manifest) !== manifestDigest) {
    throw corruptBlob(file, { digest: manifestDigest }, 'the manifest has another sha256');
  }
  let size = 0;
  const aside = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  try {
    refuseAborted(signal, file);
    await refuseSpecial(file);
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
    refuseAborted(signal, file);
    throw ioError(error, file, 'write the archive');
  }
}

/** The renaming would put a file in the place of a device or a pipe that others count on. */
async function refuseSpecial(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found === undefined || found.isFile()) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: file,
    what: `an archive is a file, and this is ${found.isDirectory() ? 'a folder' : 'a device, a pipe or a socket'}`,
    hint: 'Name a file that does not exist yet, or one that the archive may replace',
  });
}

async function fill(tar: TarArchive, options: WriteArchiveOptions, signal: AbortSignal): Promise<void> {
  const { manifest, manifestDigest, name, blobs } = options;
  const index: ImageIndex = {
    ...EMPTY_IMAGE_INDEX,
    manifests: [
      {
        mediaType: MEDIA_TYPES.manifest,
        digest: manifestDigest,
        size: manifest.byteLength,
        ...(name === undefined ? {} : { annotations: { [ANNOTATIONS.refName]: name } }),
      },
    ],
  };
  await appendToTar(tar, OCI_LAYOUT.versionFile, Buffer.from(OCI_LAYOUT.versionJson), signal);
  await appendToTar(tar, OCI_LAYOUT.indexFile, formatImageIndex(index), signal);

  const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
  byDigest.delete(manifestDigest);
  for (const digest of [...byDigest.keys(), manifestDigest].sort()) {
    const blob = byDigest.get(digest);
    const path = blobPath('', digest);
    if (blob === undefined) {
      await appendToTar(tar, path, Buffer.from(manifest), signal);
      continue;
    }
    const stream = Readable.from(counted(blob, options), { objectMode: false });
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

async function* counted(
  blob: Descriptor,
  { source, file, onBytes }: WriteArchiveOptions,
): AsyncGenerator<Buffer> {
  for await (const chunk of verifiedChunks(await source.stream(blob), blob, file)) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}
