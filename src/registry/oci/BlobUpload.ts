import { setTimeout as sleep } from 'node:timers/promises';
import type { PutOptions } from '../../artifact/BlobSink';
import type { Descriptor } from '../../artifact/Descriptor';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import { waitBefore, type RetryPolicy } from '../http/RetryPolicy';
import { UnavailableError } from '../http/UnavailableError';
import type { BlobOrigin } from '../remote/BlobOrigin';
import type { RemoteBlobs } from '../remote/RemoteBlobs';
import { blobPart } from './blobPart';
import type { OciRepository } from './OciRepository';
import { RefusedUpload } from './RefusedUpload';
import { UploadSession } from './UploadSession';
import type { UploadSessions } from './UploadSessions';

/** Bytes of a chunk where the way to the registry does not take the blob whole. */
const CHUNK = 16 * 1024 * 1024;

/** Bytes of a chunk where the registry speaks of chunks by itself. */
const LARGE_CHUNK = 64 * 1024 * 1024;

/** Bytes: what every registry takes in one request. */
const SMALLEST_CHUNK = 64 * 1024;

/** Bytes from which on it is worth remembering where a blob's upload goes on. */
const WORTH_KEEPING = 1024 * 1024;

/** Times in a row that a blob is broken off when sent whole before it is sent in chunks. */
const WHOLE_TRIES = 2;

export interface BlobUploadOptions extends PutOptions {
  /** Where the blob goes. */
  readonly repository: OciRepository;
  readonly sessions: UploadSessions;
  readonly retry: RetryPolicy;
  /** Bytes to send at once; the whole blob by default. */
  readonly chunkSize?: number | undefined;
  /** A repository of the same registry that has the blob. */
  readonly from?: OciRepository | undefined;
}

/**
 * The sending of one blob. What breaks off goes on where the registry has kept the session, and starts again where it has
 * not. The bytes are counted here: some registries take any Content-Range.
 */
export class BlobUpload {
  readonly #repository: OciRepository;
  #chunkSize: number | undefined;
  #session: UploadSession | undefined;
  /** Bytes that the registry has said to have, at most so far. */
  #confirmed = 0;
  /** Bytes that `onBytes` was told of. */
  #told = 0;

  constructor(
    private readonly blobs: Pick<RemoteBlobs, 'has'>,
    private readonly descriptor: Descriptor,
    private readonly origin: BlobOrigin,
    private readonly options: BlobUploadOptions,
  ) {
    this.#repository = options.repository;
    this.#chunkSize = options.chunkSize;
  }

  /** @throws RunwrightError RW_PACKAGE_CORRUPT (the source's bytes are others), and what `HttpClient.send` throws */
  async run(): Promise<void> {
    const { signal } = this.options;
    const { size } = this.descriptor;
    this.#take(await this.#keptSession());
    for (let failures = 0; ;) {
      const before = this.#confirmed;
      try {
        await this.#try();
        break;
      } catch (error) {
        failures += 1;
        if (error instanceof RefusedUpload) await this.#heed(error);
        await this.#pause(error, failures, this.#confirmed > before);
        // Only its answer may have been lost.
        if (await this.blobs.has(this.descriptor, signal)) break;
        this.#take(await this.#session?.renew());
        if (this.#confirmed > before) failures = 0;
        else if (failures >= WHOLE_TRIES && size > CHUNK) this.#chunkSize ??= CHUNK;
      }
    }
    this.#tell(size);
    await this.#forget();
  }

  async #try(): Promise<void> {
    const { size } = this.descriptor;
    this.#session ??= await UploadSession.begin(this.#repository, this.descriptor, this.options);
    const session = this.#session;
    if (session === undefined) return;
    if (session.smallestChunk !== undefined) {
      this.#chunkSize = Math.max(session.smallestChunk, this.#chunkSize ?? LARGE_CHUNK);
    }
    await this.#keep(session);
    while (this.#chunkSize !== undefined && size - session.offset > this.#chunkSize) {
      await this.#append(session, this.#chunkSize);
    }
    if (session.offset === 0 && size > 0) return session.finish(this.#part(0, size), this.#counter(0));
    // Many registries take no part of a blob together with its end.
    if (session.offset < size) await this.#append(session, size - session.offset);
    await session.finish();
  }

  async #append(session: UploadSession, length: number): Promise<void> {
    await session.append(this.#part(session.offset, length), this.#counter(session.offset));
    this.#take(session);
    await this.#keep(session);
  }

  #take(session: UploadSession | undefined): void {
    this.#session = session;
    this.#confirmed = Math.max(this.#confirmed, session?.offset ?? 0);
    this.#tell(this.#confirmed);
  }

  /** What a refusal says of the next try. */
  async #heed({ status, codes, length }: RefusedUpload): Promise<void> {
    if (status === 413) this.#shrink(length);
    // Was it wrong here, or only on its way?
    if (codes.includes('DIGEST_INVALID') || codes.includes('SIZE_INVALID')) await this.#verifyOrigin();
    // A session that has other bytes than it was sent is asked for them.
    if (status >= 400 && status !== 416) this.#session = undefined;
  }

  /** Waits before the next try; throws what the last one failed with when there is none. */
  async #pause(error: unknown, failures: number, moved: boolean): Promise<void> {
    const { signal, retry } = this.options;
    refuseAborted(signal, this.#repository.where);
    if (!(error instanceof UnavailableError) || error.details.passing === false) throw error;
    // A request that was sent again as often as it may be is not sent as often once more.
    if (error.details.exhausted === true && !moved) throw error;
    const wait = waitBefore(retry, failures, error.details.retryAfter);
    if (wait === undefined) {
      throw error instanceof RefusedUpload
        ? new RunwrightError('RW_REGISTRY_ANSWER', error.details)
        : error.after(failures);
    }
    await sleep(wait, undefined, signal && { signal }).catch(() => undefined);
    refuseAborted(signal, this.#repository.where);
  }

  #shrink(length: number): void {
    const smaller = Math.min(CHUNK, Math.floor(length / 4));
    if (smaller < SMALLEST_CHUNK) {
      throw new RunwrightError('RW_REGISTRY_ANSWER', {
        where: `${this.#repository.where} (${this.descriptor.digest})`,
        what: `the registry, or a proxy in front of it, takes no body of ${length} bytes (413)`,
        hint: 'Raise the largest size of a body there (nginx: client_max_body_size)',
      });
    }
    this.#chunkSize = smaller;
  }

  async #verifyOrigin(): Promise<void> {
    const { where } = this.#repository;
    const chunks = verifiedChunks(await this.origin.open(0), this.descriptor, where);
    for await (const chunk of chunks) void chunk;
  }

  async #keptSession(): Promise<UploadSession | undefined> {
    const { digest, size } = this.descriptor;
    if (size < WORTH_KEEPING) return undefined;
    const location = await this.options.sessions.read(this.#repository.url, digest);
    return location && UploadSession.resume(this.#repository, this.descriptor, location, this.options.signal);
  }

  async #keep({ location }: UploadSession): Promise<void> {
    const { digest, size } = this.descriptor;
    if (size >= WORTH_KEEPING) await this.options.sessions.write(this.#repository.url, digest, location);
  }

  async #forget(): Promise<void> {
    const { digest, size } = this.descriptor;
    if (size >= WORTH_KEEPING) await this.options.sessions.remove(this.#repository.url, digest);
  }

  #part(offset: number, length: number): ReturnType<typeof blobPart> {
    return blobPart(this.origin, this.descriptor, offset, length, this.#repository.where);
  }

  #counter(offset: number): (count: number) => void {
    let position = offset;
    return (count) => this.#tell((position += count));
  }

  /** However often bytes are sent, each is counted once. */
  #tell(position: number): void {
    if (position <= this.#told) return;
    this.options.onBytes?.(position - this.#told);
    this.#told = position;
  }
}
