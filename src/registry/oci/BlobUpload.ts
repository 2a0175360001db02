import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { RunwrightError } from '../../errors/RunwrightError';
import { refuseAborted } from '../../errors/refuseAborted';
import type { HttpAnswer, HttpRequest, StreamedBody } from '../http/HttpRequest';
import { waitBefore, type RetryPolicy } from '../http/RetryPolicy';
import { UnavailableError } from '../http/UnavailableError';
import type { BlobOrigin } from '../remote/BlobOrigin';
import { errorCodesOf } from './errorCodesOf';
import type { OciBlobs } from './OciBlobs';
import type { OciRepository } from './OciRepository';
import type { UploadSessions } from './UploadSessions';

/** Bytes of a chunk where the registry, or the way to it, does not take the blob whole. */
const CHUNK = 16 * 1024 * 1024;

/** Bytes of a chunk where the registry has a smallest size of its own. */
const LARGE_CHUNK = 64 * 1024 * 1024;

/** Bytes: what every registry takes in one request. */
const SMALLEST_CHUNK = 64 * 1024;

/** Bytes from which on it is worth remembering where a blob's upload goes on. */
const WORTH_KEEPING = 1024 * 1024;

/** Times in a row that a blob is broken off when sent whole before it is sent in chunks. */
const WHOLE_TRIES = 2;

export interface BlobUploadOptions {
  readonly sessions: UploadSessions;
  readonly retry: RetryPolicy;
  readonly chunkSize?: number | undefined;
  /** A repository of the same registry that has the blob. */
  readonly from?: OciRepository | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** What the registry has answered, which may be another thing the next time: the session may be over. */
class RefusedUpload extends UnavailableError {}

/** An upload that the registry has begun to take. */
interface Session {
  location: URL;
  /** Bytes that it has. */
  offset: number;
}

/**
 * The sending of one blob. What breaks off goes on where the registry has kept the session, and starts again where it has
 * not. The bytes are counted here: some registries take any Content-Range.
 */
export class BlobUpload {
  readonly #repository: OciRepository;
  readonly #url: URL;
  #chunkSize: number | undefined;
  #session: Session | undefined;
  /** Bytes that the registry has said to have, at most so far. */
  #confirmed = 0;
  /** Bytes that `onBytes` was told of. */
  #told = 0;

  constructor(
    private readonly blobs: OciBlobs,
    private readonly descriptor: Descriptor,
    private readonly origin: BlobOrigin,
    private readonly options: BlobUploadOptions,
  ) {
    this.#repository = blobs.repository;
    this.#url = this.#repository.request('GET', '').url;
    this.#chunkSize = options.chunkSize;
  }

  /** @throws RunwrightError RW_PACKAGE_CORRUPT (the source's bytes are others), and what `HttpClient.send` throws */
  async run(): Promise<void> {
    const { signal, sessions } = this.options;
    const { digest, size } = this.descriptor;
    this.#session = await this.#keptSession();
    for (let failures = 0; ;) {
      const before = this.#confirmed;
      try {
        await this.#try();
        break;
      } catch (error) {
        failures += 1;
        await this.#pause(error, failures);
        // Only its answer may have been lost.
        if (await this.blobs.has(this.descriptor, signal)) break;
        this.#session = this.#session && (await this.#ask(this.#session.location));
        if (this.#confirmed > before) failures = 0;
        else if (failures >= WHOLE_TRIES && size > CHUNK) this.#chunkSize ??= CHUNK;
      }
    }
    this.#tell(size);
    if (size >= WORTH_KEEPING) await sessions.remove(this.#url, digest);
  }

  /** Waits before the next try; throws what the last one failed with when there is none. */
  async #pause(error: unknown, failures: number): Promise<void> {
    const { signal, retry } = this.options;
    refuseAborted(signal, this.#repository.where);
    if (!(error instanceof UnavailableError) || error.details.passing === false) throw error;
    const wait = waitBefore(retry, failures, error.details.retryAfter);
    if (wait === undefined) {
      throw error instanceof RefusedUpload
        ? new RunwrightError('RW_REGISTRY_ANSWER', error.details)
        : error.after(failures);
    }
    await sleep(wait, undefined, signal && { signal }).catch(() => undefined);
    refuseAborted(signal, this.#repository.where);
  }

  async #try(): Promise<void> {
    const { size } = this.descriptor;
    const session = (this.#session ??= await this.#begin());
    if (session === undefined) return;
    while (this.#chunkSize !== undefined && size - session.offset > this.#chunkSize) {
      await this.#sendChunk(session, this.#chunkSize);
    }
    // Many registries take no part of a blob together with its end.
    if (session.offset > 0 && session.offset < size) await this.#sendChunk(session, size - session.offset);
    await this.#finish(session);
  }

  /** A new session; `undefined` when the registry has the blob now, out of another repository. */
  async #begin(): Promise<Session | undefined> {
    const { from } = this.options;
    const { digest } = this.descriptor;
    let answer: HttpAnswer | undefined;
    if (from !== undefined) {
      const scope = `${this.#repository.scope} repository:${from.path}:pull`;
      const query = `?mount=${digest}&from=${encodeURIComponent(from.path)}`;
      answer = await this.#post(`blobs/uploads/${query}`, { scope }).catch((error: unknown) => {
        // Whoever may not mount may still send.
        if (RunwrightError.is(error) && error.code === 'RW_REGISTRY_UNAVAILABLE') throw error;
        return undefined;
      });
      if (answer?.status === 201) return undefined;
    }
    answer ??= await this.#post('blobs/uploads/', {});
    const minimum = Number(answer.headers['oci-chunk-min-length'] ?? NaN);
    if (minimum > 0) this.#chunkSize = Math.max(minimum, this.#chunkSize ?? LARGE_CHUNK);
    return this.#keep({ location: this.#locationOf(answer), offset: 0 });
  }

  #post(path: string, rest: Partial<HttpRequest>): Promise<HttpAnswer> {
    return this.#repository.http.send(
      this.#repository.request('POST', path, {
        accept: [201, 202],
        // A session too many is thrown away by the registry.
        repeatable: true,
        signal: this.options.signal,
        ...rest,
      }),
    );
  }

  async #sendChunk(session: Session, length: number): Promise<void> {
    const { offset } = session;
    const answer = await this.#send('PATCH', session.location, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${offset}-${offset + length - 1}`,
      },
      body: this.#part(offset, length),
      accept: [200, 201, 202, 204, 400, 404, 413, 416],
      onBytes: this.#counter(offset),
    });
    const { status } = answer;
    if (status === 413) this.#shrink(length);
    if (status >= 400 && status !== 416) throw this.#refused(answer);
    // Where it has other bytes than it was sent, it is asked before the next try.
    if (status === 416 || (keptBytes(answer) ?? offset + length) !== offset + length) {
      throw new RefusedUpload({
        ...this.#refused(answer).details,
        what: `the registry has counted other bytes than the ${offset + length} that it was sent`,
      });
    }
    session.location = this.#locationOf(answer, session.location);
    session.offset = offset + length;
    this.#confirmed = Math.max(this.#confirmed, session.offset);
    await this.#keep(session);
  }

  async #finish(session: Session): Promise<void> {
    const { digest, size } = this.descriptor;
    const location = new URL(session.location);
    // Not by searchParams, which would write the registry's own query anew.
    location.search += `${location.search === '' ? '?' : '&'}digest=${digest}`;
    const isWhole = session.offset === 0 && size > 0;
    const answer = await this.#send('PUT', location, {
      headers: { 'content-type': 'application/octet-stream' },
      body: isWhole ? this.#part(0, size) : undefined,
      accept: [200, 201, 204, 400, 404, 413, 416],
      repeatable: false,
      onBytes: isWhole ? this.#counter(0) : undefined,
    });
    if (answer.status === 413 && isWhole) this.#shrink(size);
    if (answer.status < 400) {
      const said = answer.headers['docker-content-digest'];
      if (said === undefined || said === digest) return;
    }
    const isWrong = errorCodesOf(answer.body).some(
      (code) => code === 'DIGEST_INVALID' || code === 'SIZE_INVALID',
    );
    if (isWrong && answer.status === 400) await this.#verifyOrigin();
    this.#session = undefined;
    throw this.#refused(answer);
  }

  #send(method: 'PATCH' | 'PUT', url: URL, rest: Partial<HttpRequest>): Promise<HttpAnswer> {
    return this.#repository.http.send({
      ...this.#repository.request(method, ''),
      signal: this.options.signal,
      ...rest,
      url,
    });
  }

  /** Asks a session what it has; `undefined` when it is gone, or has nothing to speak of. */
  async #ask(location: URL): Promise<Session | undefined> {
    const request = this.#repository.request('GET', '', { signal: this.options.signal });
    let answer: HttpAnswer;
    try {
      answer = await this.#repository.http.send({ ...request, url: location, accept: [200, 204] });
    } catch (error) {
      refuseAborted(this.options.signal, this.#repository.where);
      return undefined;
    }
    const offset = keptBytes(answer) ?? 0;
    // docker-registry says `0-0` of nothing, and of one byte.
    if (offset <= 1 || offset > this.descriptor.size) return undefined;
    this.#confirmed = Math.max(this.#confirmed, offset);
    this.#tell(offset);
    return { location: this.#locationOf(answer, location), offset };
  }

  async #keptSession(): Promise<Session | undefined> {
    if (this.descriptor.size < WORTH_KEEPING) return undefined;
    const location = await this.options.sessions.read(this.#url, this.descriptor.digest);
    return location && this.#ask(location);
  }

  async #keep(session: Session): Promise<Session> {
    const { digest, size } = this.descriptor;
    if (size >= WORTH_KEEPING) await this.options.sessions.write(this.#url, digest, session.location);
    return session;
  }

  #refused({ status, body }: HttpAnswer): RefusedUpload {
    return new RefusedUpload({
      where: `${this.#repository.where} (${this.descriptor.digest})`,
      what: `the registry does not take the blob: ${[status, ...errorCodesOf(body)].join(' ')}`,
      hint: 'Try again; if it stays so, look at the log of the registry',
    });
  }

  /** Smaller chunks from now on. @throws RunwrightError RW_REGISTRY_ANSWER when they are small already */
  #shrink(length: number): void {
    const smaller = Math.min(CHUNK, Math.floor(length / 4));
    if (smaller < SMALLEST_CHUNK) {
      throw new RunwrightError('RW_REGISTRY_ANSWER', {
        where: `${this.#repository.where} (${this.descriptor.digest})`,
        what: `the registry, or a proxy before it, takes no body of ${length} bytes (413)`,
        hint: 'Raise the largest size of a body there (nginx: client_max_body_size)',
      });
    }
    this.#chunkSize = smaller;
  }

  /** What was refused as wrong: was it wrong here, or on its way? */
  async #verifyOrigin(): Promise<void> {
    const { where } = this.#repository;
    const chunks = verifiedChunks(await this.origin.open(0), this.descriptor, where);
    for await (const chunk of chunks) void chunk;
  }

  #part(offset: number, length: number): StreamedBody {
    return {
      size: length,
      open: async () =>
        Readable.from(this.#take(await this.origin.open(offset), length), { objectMode: false }),
    };
  }

  async *#take(stream: AsyncIterable<unknown>, length: number): AsyncGenerator<Buffer> {
    let left = length;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      yield chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= Math.min(left, chunk.length);
      if (left === 0) return;
    }
    throw corruptBlob(this.#repository.where, this.descriptor, `its source ends ${left} bytes early`);
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

  #locationOf({ headers, url }: HttpAnswer, otherwise?: URL): URL {
    const location = headers.location === undefined ? otherwise : new URL(headers.location, url);
    if (location !== undefined && (location.protocol === 'https:' || this.#url.protocol === 'http:'))
      return location;
    throw new RunwrightError('RW_REGISTRY_ANSWER', {
      where: this.#repository.where,
      what:
        location === undefined
          ? 'the registry does not say where to send a blob (Location)'
          : 'the registry speaks https, and wants a blob to be sent over plain http',
      hint: 'Check that the address is that of an OCI registry, and that its proxy passes X-Forwarded-Proto on',
    });
  }
}

/** `Range: 0-999` is 1000 bytes. */
function keptBytes({ headers }: HttpAnswer): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(headers['range'] ?? ''))?.[1];
  return last === undefined ? undefined : Number(last) + 1;
}
