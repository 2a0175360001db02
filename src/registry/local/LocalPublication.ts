import { stat } from 'node:fs/promises';
import type { BlobInfo, PutOptions } from '../../artifact/BlobSink';
import type { BlobSource } from '../../artifact/BlobSource';
import type { Descriptor } from '../../artifact/Descriptor';
import { digestOf } from '../../artifact/digestOf';
import type { ImageIndex } from '../../artifact/imageIndex';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { blobPath } from '../../artifact/ociLayout';
import type { OciManifest } from '../../artifact/OciManifest';
import { parseOciManifest } from '../../artifact/parseOciManifest';
import { formatReference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { digestConflict, numberIsGiven, numberNotFound } from '../lookupErrors';
import type { Commit, ModelEntry, Publication, RepositoryName } from '../Registry';
import { nextNumber, pointNumber, readModels } from './modelIndex';
import type { RepositoryChange, RepositoryFolder } from './RepositoryFolder';
import { StagedBlobs } from './StagedBlobs';
import { StagingFolder } from './StagingFolder';

/** A package on its way into a repository folder. */
export class LocalPublication implements Publication {
  readonly #name: RepositoryName;
  readonly #repository: RepositoryFolder;
  readonly #staging: StagingFolder;
  readonly #blobs: StagedBlobs;
  readonly #over = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #committing = false;
  #ended: Promise<void> | undefined;

  private constructor(name: RepositoryName, repository: RepositoryFolder, staging: StagingFolder) {
    this.#name = name;
    this.#repository = repository;
    this.#staging = staging;
    this.#blobs = new StagedBlobs(repository.path, staging);
  }

  static async open(name: RepositoryName, repository: RepositoryFolder): Promise<LocalPublication> {
    return new LocalPublication(name, repository, await StagingFolder.create(repository.path));
  }

  putFile(path: string, options: PutOptions = {}): Promise<BlobInfo> {
    return this.#run(() => this.#blobs.putFile(path, this.#stoppable(options)));
  }

  putBytes(bytes: Uint8Array): Promise<BlobInfo> {
    return this.#run(() => this.#blobs.putBytes(bytes));
  }

  putBlob(descriptor: Descriptor, source: BlobSource, options: PutOptions = {}): Promise<void> {
    return this.#run(() => this.#blobs.putBlob(descriptor, source, this.#stoppable(options)));
  }

  /** After a refusal the blobs are still there: another `commit` may follow, or `abandon`. */
  async commit(commit: Commit): Promise<ModelEntry> {
    if (this.#committing) throw this.#misuse('a `commit` of the publication is running');
    this.#committing = true;
    let entry: ModelEntry;
    try {
      entry = await this.#run(async () => {
        const manifest = parseOciManifest(commit.manifest, formatReference(this.#name));
        await this.#blobs.putBytes(commit.manifest);
        return this.#repository.update(this.#staging, (index) => this.#change(index, commit, manifest));
      });
    } finally {
      this.#committing = false;
    }
    // The package is published: what cannot be removed is left to a later clean-up, here and in the caller's `abandon`.
    this.#ended = this.abandon().catch(() => undefined);
    await this.#ended;
    return entry;
  }

  abandon(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** `abandon` stops what runs. */
  #stoppable(options: PutOptions): PutOptions {
    const signals = [this.#over.signal, ...(options.signal === undefined ? [] : [options.signal])];
    return { ...options, signal: AbortSignal.any(signals) };
  }

  async #end(): Promise<void> {
    this.#over.abort();
    await Promise.allSettled(this.#running);
    await this.#staging.remove();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over.signal.aborted) throw this.#misuse('the publication has been committed or abandoned');
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  #misuse(what: string): RunwrightError {
    const where = formatReference(this.#name);
    return new RunwrightError('RW_OPTION_INVALID', {
      where,
      what,
      hint: 'Call `publish` once for each package',
    });
  }

  async #change(
    index: ImageIndex,
    commit: Commit,
    manifest: OciManifest,
  ): Promise<RepositoryChange<ModelEntry>> {
    const name = this.#name;
    const models = readModels(index, name);
    const number = commit.number ?? nextNumber(index);
    const before = models.find((entry) => entry.number === number);
    if (commit.number !== null && before === undefined) throw numberNotFound(name, number, models);
    const current = before?.digest ?? null;
    if (commit.expectedDigest !== undefined && commit.expectedDigest !== current) {
      throw digestConflict(name, number, current, commit.expectedDigest);
    }
    const descriptor: Descriptor = {
      mediaType: manifest.mediaType,
      artifactType: manifest.artifactType,
      digest: digestOf(commit.manifest),
      size: commit.manifest.byteLength,
    };
    if (before !== undefined && manifest.artifactType === MEDIA_TYPES.reservation) {
      throw numberIsGiven(name, number);
    }
    const named = [descriptor, manifest.config, ...manifest.layers];
    for (const blob of named) await this.#requireBlob(blob);
    const next = pointNumber(index, number, descriptor, new Date().toISOString());
    const result = readModels(next, name).find((entry) => entry.number === number);
    if (result === undefined) throw numberNotFound(name, number, models);
    return {
      index: next,
      blobs: { staged: this.#blobs, digests: named.map(({ digest }) => digest) },
      result,
    };
  }

  async #requireBlob({ digest, size }: Descriptor): Promise<void> {
    const path = blobPath(this.#repository.path, digest);
    const found =
      this.#blobs.get(digest)?.size ??
      (await stat(path).then(
        (stats) => stats.size,
        () => undefined,
      ));
    if (found === size) return;
    throw new RunwrightError('RW_PACKAGE_INVALID', {
      where: formatReference(this.#name),
      what:
        found === undefined
          ? `the manifest names the blob ${digest}, which was not put in and is not in the repository`
          : `the manifest says that the blob ${digest} has ${size} bytes, and it has ${found}`,
      hint: 'Put every blob in before `commit`, and name it with the digest and size that `putFile` and `putBytes` give',
    });
  }
}
