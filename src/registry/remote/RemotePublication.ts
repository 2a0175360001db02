import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { BlobInfo, PutOptions } from '../../artifact/BlobSink';
import type { BlobSource } from '../../artifact/BlobSource';
import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { hashFile } from '../../artifact/hashFile';
import type { OciManifest } from '../../artifact/OciManifest';
import { parseOciManifest } from '../../artifact/parseOciManifest';
import { formatReference } from '../../artifact/Reference';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
import type { Commit, ModelEntry, Publication, RepositoryName } from '../Registry';
import { behind } from './behind';
import type { BlobOrigin } from './BlobOrigin';
import { CachedBlobs } from './CachedBlobs';
import { fileOrigin } from './fileOrigin';
import type { RemoteBlobs } from './RemoteBlobs';
import { UploadQueue } from './UploadQueue';

/** Large blobs that are sent at once. */
const CONCURRENCY = 8;

/** Small ones besides: they wait for answers more than they send. */
const SMALL_CONCURRENCY = 16;

/** Bytes. */
const SMALL = 1024 * 1024;

const MEDIA_TYPE = 'application/octet-stream';

interface SentBlob {
  readonly size: number;
  readonly done: Promise<void>;
}

/**
 * A package on its way over the network. Blobs are sent in the background, several at once, as soon as their digest is known;
 * `commit` waits for all of them and then lets the driver make the package visible.
 */
export class RemotePublication implements Publication {
  readonly #over = new AbortController();
  readonly #large = new UploadQueue(CONCURRENCY);
  readonly #small = new UploadQueue(SMALL_CONCURRENCY);
  readonly #sent = new Map<Digest, SentBlob>();
  #committing: Promise<ModelEntry> | undefined;
  #ended = false;

  /** @param finish makes the package visible; its blobs are all there */
  constructor(
    readonly name: RepositoryName,
    private readonly blobs: RemoteBlobs,
    private readonly finish: (commit: Commit, signal: AbortSignal) => Promise<ModelEntry>,
  ) {}

  async putFile(path: string, options: PutOptions = {}): Promise<BlobInfo> {
    this.#requireOpen();
    const absolute = resolve(path);
    const stats = await stat(absolute, { bigint: true }).catch((error: unknown) => {
      throw ioError(error, absolute, 'find the file');
    });
    const info = await hashFile(absolute, { signal: this.#stoppable(options) });
    void this.#send({ mediaType: MEDIA_TYPE, ...info }, fileOrigin(absolute, stats), options);
    return info;
  }

  /** What goes wrong later is told by `commit`. */
  async putBytes(bytes: Uint8Array): Promise<BlobInfo> {
    const copy = Buffer.from(bytes);
    const info = { digest: digestOf(copy), size: copy.byteLength };
    const open = (offset: number): Promise<Readable> =>
      Promise.resolve(Readable.from([copy.subarray(offset)], { objectMode: false }));
    void this.#send({ mediaType: MEDIA_TYPE, ...info }, { open }, {});
    return Promise.resolve(info);
  }

  async putBlob(descriptor: Descriptor, source: BlobSource, options: PutOptions = {}): Promise<void> {
    const signal = this.#stoppable(options);
    const open = (offset: number): Promise<Readable> => openAt(source, descriptor, offset, signal);
    await this.#send(descriptor, { open, source }, options);
  }

  /** After a refusal the blobs stay where they are: another `commit` may follow. */
  async commit(commit: Commit): Promise<ModelEntry> {
    this.#requireOpen();
    if (this.#committing !== undefined) throw this.#misuse('a `commit` of the publication is running');
    this.#committing = this.#commit(commit);
    try {
      const entry = await this.#committing;
      this.#ended = true;
      return entry;
    } finally {
      this.#committing = undefined;
    }
  }

  async abandon(): Promise<void> {
    this.#ended = true;
    this.#over.abort();
    await Promise.allSettled([this.#large.done(), this.#small.done(), this.#committing]);
  }

  async #commit(commit: Commit): Promise<ModelEntry> {
    const manifest = parseOciManifest(commit.manifest, formatReference(this.name));
    this.#requireSizes(manifest);
    // Both, whatever becomes of one: nothing may be at work any more when this fails.
    const ends = await Promise.allSettled([this.#large.done(), this.#small.done()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return this.finish(commit, this.#over.signal);
  }

  /** One sending for each digest, however often it is put. */
  #send(descriptor: Descriptor, origin: BlobOrigin, options: PutOptions): Promise<void> {
    this.#requireOpen();
    const { digest, size } = descriptor;
    const { onBytes } = options;
    const known = this.#sent.get(digest);
    if (known !== undefined) {
      onBytes?.(size);
      return known.done;
    }
    const signal = this.#stoppable(options);
    const done = (size < SMALL ? this.#small : this.#large).add(async () => {
      if (await this.blobs.has(descriptor, signal)) onBytes?.(size);
      else await this.blobs.write(descriptor, origin, { signal, onBytes });
    });
    this.#sent.set(digest, { size, done });
    return done;
  }

  /** What was not put may be there from before, and is left to the driver. */
  #requireSizes({ config, layers }: OciManifest): void {
    for (const { digest, size } of [config, ...layers]) {
      const sent = this.#sent.get(digest);
      if (sent === undefined || sent.size === size) continue;
      throw new RunwrightError('RW_PACKAGE_INVALID', {
        where: formatReference(this.name),
        what: `the manifest says that the blob ${digest} has ${size} bytes, and it has ${sent.size}`,
        hint: 'Name every blob with the digest and size that `putFile` and `putBytes` give',
      });
    }
  }

  /** `abandon` stops what runs. */
  #stoppable({ signal }: PutOptions): AbortSignal {
    return signal === undefined ? this.#over.signal : AbortSignal.any([this.#over.signal, signal]);
  }

  #requireOpen(): void {
    if (this.#ended) throw this.#misuse('the publication has been committed or abandoned');
  }

  #misuse(what: string): RunwrightError {
    const where = formatReference(this.name);
    return new RunwrightError('RW_OPTION_INVALID', {
      where,
      what,
      hint: 'Call `publish` once for each package',
    });
  }
}

/** What is passed on from another registry is not kept on the way. Its bytes are checked where all of them come by. */
async function openAt(
  source: BlobSource,
  descriptor: Descriptor,
  offset: number,
  signal: AbortSignal,
): Promise<Readable> {
  const chunks =
    source instanceof CachedBlobs
      ? await source.open(descriptor, offset, signal)
      : behind(await source.stream(descriptor), offset);
  const checked = offset === 0 ? verifiedChunks(chunks, descriptor, descriptor.digest) : chunks;
  return Readable.from(checked, { objectMode: false });
}
