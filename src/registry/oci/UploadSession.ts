import type { Descriptor } from '../../artifact/Descriptor';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HttpAnswer, HttpRequest, StreamedBody } from '../http/HttpRequest';
import { resolveUrl } from '../http/resolveUrl';
import type { OciRepository } from './OciRepository';
import { RefusedUpload } from './RefusedUpload';

const BYTES = { 'content-type': 'application/octet-stream' };

export interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
  /** A repository of the same registry that may have the blob. */
  readonly from?: OciRepository | undefined;
}

/** The upload of one blob that a registry has begun to take. */
export class UploadSession {
  readonly #repository: OciRepository;
  readonly #descriptor: Descriptor;
  readonly #signal: AbortSignal | undefined;
  #location: URL;
  #offset: number;
  /** Bytes that a chunk must have, unless it is the last one. */
  readonly smallestChunk: number | undefined;

  private constructor(
    repository: OciRepository,
    descriptor: Descriptor,
    signal: AbortSignal | undefined,
    answer: HttpAnswer,
    at: { readonly offset: number; readonly location?: URL },
  ) {
    this.#repository = repository;
    this.#descriptor = descriptor;
    this.#signal = signal;
    this.#offset = at.offset;
    this.#location = locationOf(repository, answer, at.location);
    const smallest = Number(answer.headers['oci-chunk-min-length'] ?? NaN);
    this.smallestChunk = smallest > 0 ? smallest : undefined;
  }

  /** @returns `undefined` when the registry has the blob now, out of `from` */
  static async begin(
    repository: OciRepository,
    descriptor: Descriptor,
    { from, signal }: SessionOptions,
  ): Promise<UploadSession | undefined> {
    const post = (query: string, scope: string) =>
      repository.http.send(
        repository.request('POST', `blobs/uploads/${query}`, {
          scope,
          accept: [201, 202],
          // A registry throws away a session that nothing comes of.
          repeatable: true,
          signal,
        }),
      );
    let answer: HttpAnswer | undefined;
    if (from !== undefined) {
      const query = `?mount=${descriptor.digest}&from=${encodeURIComponent(from.path)}`;
      answer = await post(query, `${repository.scope} repository:${from.path}:pull`).catch(
        (error: unknown) => {
          // Whoever may not mount may still send.
          if (RunwrightError.is(error) && error.code === 'RW_REGISTRY_UNAVAILABLE') throw error;
          return undefined;
        },
      );
      if (answer?.status === 201) return undefined;
    }
    answer ??= await post('', repository.scope);
    return new UploadSession(repository, descriptor, signal, answer, { offset: 0 });
  }

  /** Asks a session what it has; `undefined` when it is gone, or has nothing to speak of. */
  static async resume(
    repository: OciRepository,
    descriptor: Descriptor,
    location: URL,
    signal: AbortSignal | undefined,
  ): Promise<UploadSession | undefined> {
    const request = { ...repository.request('GET', '', { signal }), url: location, accept: [200, 204] };
    let answer: HttpAnswer;
    try {
      answer = await repository.http.send(request);
    } catch (error) {
      refuseAborted(signal, repository.where);
      return undefined;
    }
    const offset = keptBytes(answer) ?? 0;
    // docker-registry says `0-0` of nothing, and of one byte.
    if (offset <= 1 || offset > descriptor.size) return undefined;
    return new UploadSession(repository, descriptor, signal, answer, { offset, location });
  }

  get location(): URL {
    return this.#location;
  }

  /** Bytes that the registry has. */
  get offset(): number {
    return this.#offset;
  }

  /** Asks it what it has. */
  renew(): Promise<UploadSession | undefined> {
    return UploadSession.resume(this.#repository, this.#descriptor, this.#location, this.#signal);
  }

  /** Sends the next chunk. @throws RefusedUpload, and what `HttpClient.send` throws */
  async append(body: StreamedBody, onBytes: (count: number) => void): Promise<void> {
    const end = this.#offset + body.size;
    const answer = await this.#send('PATCH', this.#location, {
      headers: { ...BYTES, 'content-range': `${this.#offset}-${end - 1}` },
      body,
      accept: [200, 201, 202, 204, 400, 404, 413, 416],
      onBytes,
    });
    if (answer.status >= 400) throw this.#refused(answer, body.size);
    const kept = keptBytes(answer) ?? end;
    if (kept !== end) {
      throw this.#refused(
        answer,
        body.size,
        `the registry has ${kept} bytes of the blob, and was sent ${end}`,
      );
    }
    this.#location = locationOf(this.#repository, answer, this.#location);
    this.#offset = end;
  }

  /** Ends the session, with the whole blob where nothing was sent yet. @throws RefusedUpload, and what `HttpClient.send` throws */
  async finish(body?: StreamedBody, onBytes?: (count: number) => void): Promise<void> {
    const { digest } = this.#descriptor;
    const url = new URL(this.#location);
    // Not by searchParams, which would write the registry's own query anew.
    url.search += `${url.search === '' ? '?' : '&'}digest=${digest}`;
    const answer = await this.#send('PUT', url, {
      headers: BYTES,
      body,
      accept: [200, 201, 204, 400, 404, 413, 416],
      repeatable: false,
      onBytes,
    });
    const said = answer.headers['docker-content-digest'];
    if (answer.status < 400 && (said === undefined || said === digest)) return;
    throw this.#refused(answer, body?.size ?? 0);
  }

  #send(method: 'PATCH' | 'PUT', url: URL, rest: Partial<HttpRequest>): Promise<HttpAnswer> {
    const request = this.#repository.request(method, '', { signal: this.#signal, ...rest });
    return this.#repository.http.send({ ...request, url });
  }

  #refused(answer: HttpAnswer, length: number, what?: string): RefusedUpload {
    return new RefusedUpload(`${this.#repository.where} (${this.#descriptor.digest})`, answer, length, what);
  }
}

/** `Range: 0-999` is 1000 bytes. */
function keptBytes({ headers }: HttpAnswer): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(headers['range'] ?? ''))?.[1];
  return last === undefined ? undefined : Number(last) + 1;
}

function locationOf({ origin, where }: OciRepository, { headers, url }: HttpAnswer, otherwise?: URL): URL {
  const { location: said } = headers;
  const location = (said === undefined ? undefined : resolveUrl(said, url)) ?? otherwise;
  if (location?.protocol === 'https:' || (location?.protocol === 'http:' && origin.protocol === 'http:')) {
    return location;
  }
  throw new RunwrightError('RW_REGISTRY_ANSWER', {
    where,
    what:
      location === undefined
        ? 'the registry does not say where to send a blob (Location)'
        : 'the registry speaks https, and wants a blob to be sent by another way',
    hint: 'Check that the address is that of an OCI registry, and that a proxy in front of it passes X-Forwarded-Proto on',
  });
}
