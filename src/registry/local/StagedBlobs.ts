import { access, link, open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobInfo, BlobSink, PutOptions } from '../../artifact/BlobSink';
import type { BlobSource } from '../../artifact/BlobSource';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { hashFile } from '../../artifact/hashFile';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { refuseAborted } from '../../errors/refuseAborted';
import { blobPath, OCI_LAYOUT } from '../../artifact/ociLayout';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import type { StagingFolder } from './StagingFolder';

/** Bytes up to which reading a file twice costs less than knowing the sizes of all blobs. */
const SMALL = 1024 * 1024;

interface StagedBlob {
  readonly path: string;
  readonly size: number;
}

/**
 * Blobs that wait in a staging folder. One that the repository has already is linked, not written: the link costs nothing
 * and keeps the bytes, whatever a clean-up does to the repository meanwhile. It is read, though: one that is damaged there
 * is written again and replaced, so registering a model again repairs every model that shares its blobs.
 */
export class StagedBlobs implements BlobSink {
  readonly #repository: string;
  readonly #staging: StagingFolder;
  readonly #blobs = new Map<Digest, StagedBlob>();
  /** Blobs whose bytes in the repository are wrong. */
  readonly #damaged = new Set<Digest>();
  #files = 0;
  #sizes: Promise<ReadonlySet<number>> | undefined;

  constructor(repository: string, staging: StagingFolder) {
    this.#repository = repository;
    this.#staging = staging;
  }

  async putFile(path: string, options: PutOptions = {}): Promise<BlobInfo> {
    const { size } = await stat(path).catch((error: unknown) => {
      throw ioError(error, path, 'find the file');
    });
    if (size > SMALL && !(await this.#knownSizes()).has(size)) return this.#copy(path, options);
    const info = await hashFile(path, options);
    if (await this.#linkKnown(info, options.signal)) return info;
    return this.#copy(path, { signal: options.signal });
  }

  async putBytes(bytes: Uint8Array): Promise<BlobInfo> {
    const info = { digest: digestOf(bytes), size: bytes.byteLength };
    if (await this.#linkKnown(info)) return info;
    return this.#write((target, targetPath) => writeAll(target, targetPath, bytes).then(() => info));
  }

  /** Nothing of the source is read when the repository has the blob. @throws RunwrightError RW_PACKAGE_CORRUPT, RW_ABORTED, RW_IO */
  async putBlob(descriptor: Descriptor, source: BlobSource, options: PutOptions = {}): Promise<void> {
    const { signal, onBytes } = options;
    if (await this.#linkKnown(descriptor, signal)) return onBytes?.(descriptor.size);
    let rest = options;
    if (source.fetch !== undefined) {
      // It stays on this machine, so that a second try goes on from where the first one ended. The way here is the long one.
      await source.fetch([descriptor], options);
      rest = { signal };
    }
    const path = source.localPath(descriptor);
    if (path === undefined || !(await isThere(path))) {
      // A source tells by its stream what is missing.
      await this.#write((target, targetPath) => copyStream(target, targetPath, descriptor, source, rest));
      return;
    }
    const { digest, size } = await this.#copy(path, rest);
    if (digest === descriptor.digest && size === descriptor.size) return;
    throw corruptBlob(path, descriptor, 'its bytes have another sha256');
  }

  get(digest: Digest): BlobInfo | undefined {
    const blob = this.#blobs.get(digest);
    return blob === undefined ? undefined : { digest, size: blob.size };
  }

  /**
   * Makes the staged ones among `digests` part of the repository. Only for the holder of the repository's lock.
   *
   * @returns takes that back
   */
  async place(digests: Iterable<Digest>): Promise<() => Promise<void>> {
    const placed: string[] = [];
    const undo = async (): Promise<void> => {
      await Promise.allSettled(placed.map((path) => unlink(path)));
    };
    try {
      for (const digest of new Set(digests)) {
        const staged = this.#blobs.get(digest);
        if (staged === undefined) continue;
        const path = blobPath(this.#repository, digest);
        if (await place(staged, path, this.#damaged.has(digest))) placed.push(path);
        this.#damaged.delete(digest);
      }
      return undo;
    } catch (error) {
      await undo();
      throw error;
    }
  }

  #copy(path: string, options: PutOptions): Promise<BlobInfo> {
    return this.#write((target, targetPath) =>
      hashFile(path, { ...options, consume: (chunk) => writeAll(target, targetPath, chunk) }),
    );
  }

  async #write(fill: (target: FileHandle, path: string) => Promise<BlobInfo>): Promise<BlobInfo> {
    const path = this.#newPath();
    const target = await open(path, 'wx', 0o444).catch((error: unknown) => {
      throw ioError(error, path, 'write the file');
    });
    try {
      const info = await fill(target, path);
      await target.sync();
      this.#blobs.set(info.digest, { path, size: info.size });
      return info;
    } catch (error) {
      // A partial file may be what fills the disk.
      await unlink(path).catch(() => undefined);
      throw ioError(error, path, 'write the file');
    } finally {
      await target.close();
    }
  }

  /** False when the repository has no such blob, or a damaged one, or one that cannot be linked (another user's, say). */
  async #linkKnown({ digest, size }: BlobInfo, signal?: AbortSignal): Promise<boolean> {
    if (this.#blobs.has(digest)) return true;
    const stored = blobPath(this.#repository, digest);
    const path = this.#newPath();
    let held = path;
    try {
      await link(stored, path);
    } catch (error) {
      if (isMissing(error)) return false;
      held = stored;
    }
    const intact = await isIntact(held, digest, signal);
    if (!intact) this.#damaged.add(digest);
    if (intact && held === path) {
      this.#blobs.set(digest, { path, size });
      return true;
    }
    if (held === path) await unlink(path).catch(() => undefined);
    return false;
  }

  #newPath(): string {
    this.#files += 1;
    return this.#staging.file(`blob-${this.#files}`);
  }

  /** Sizes of the repository's blobs. It need not be exact: it decides whether a file is hashed before it is copied. */
  #knownSizes(): Promise<ReadonlySet<number>> {
    this.#sizes ??= (async () => {
      const folder = join(this.#repository, OCI_LAYOUT.blobsFolder);
      const names = await readdir(folder).catch(() => []);
      const sizes = await Promise.all(
        names.map((name) =>
          stat(join(folder, name)).then(
            (stats) => stats.size,
            () => 0,
          ),
        ),
      );
      return new Set(sizes);
    })();
    return this.#sizes;
  }
}

/** False when the blob was there. What has taken the place of a damaged one stays, whatever becomes of the publication. */
async function place(staged: StagedBlob, path: string, isDamaged: boolean): Promise<boolean> {
  try {
    await link(staged.path, path);
    return true;
  } catch (error) {
    if (errorCodeOf(error) !== 'EEXIST') throw ioError(error, path, 'put the blob into the repository');
  }
  if (!isDamaged && (await stat(path)).size === staged.size) return false;
  try {
    // The staged file stays where it is: after a refusal another `commit` may need it.
    const replacement = `${staged.path}.new`;
    await link(staged.path, replacement);
    await rename(replacement, path);
  } catch (error) {
    throw ioError(error, path, 'replace the damaged blob');
  }
  return false;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => !isMissing(error),
  );
}

/** A blob that cannot be read is as good as a damaged one. */
async function isIntact(path: string, digest: Digest, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return (await hashFile(path, { signal })).digest === digest;
  } catch (error) {
    refuseAborted(signal, path);
    return false;
  }
}

async function copyStream(
  target: FileHandle,
  targetPath: string,
  descriptor: Descriptor,
  source: BlobSource,
  { signal, onBytes }: PutOptions,
): Promise<BlobInfo> {
  const { digest, size } = descriptor;
  const stream = await source.stream(descriptor);
  try {
    for await (const chunk of verifiedChunks(stream, descriptor, digest)) {
      refuseAborted(signal, digest);
      await writeAll(target, targetPath, chunk);
      onBytes?.(chunk.length);
    }
  } finally {
    stream.destroy();
  }
  return { digest, size };
}

async function writeAll(target: FileHandle, path: string, bytes: Uint8Array): Promise<void> {
  try {
    for (let offset = 0; offset < bytes.byteLength;) {
      const { bytesWritten } = await target.write(bytes, offset);
      offset += bytesWritten;
    }
  } catch (error) {
    throw ioError(error, path, 'write the file');
  }
}
