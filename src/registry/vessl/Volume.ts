import type { Readable } from 'node:stream';
import type { Descriptor } from '../../artifact/Descriptor';
import { hexOf, isDigest, type Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HttpClient } from '../http/HttpClient';
import type { HttpAnswer, HttpDownload, HttpRequest, StreamedBody } from '../http/HttpRequest';
import type { RetryPolicy } from '../http/RetryPolicy';
import type { VolumeGrants } from './VolumeGrants';
import { encodeSegment } from './encodeSegment';
import { s3Location } from './s3Location';

/** sha256 of no bytes: what requests without a body are signed with. */
const EMPTY = hexOf(digestOf(new Uint8Array()));

/** Says which bytes an object holds; the store keeps it with them. */
export const DIGEST_HEADER = 'x-amz-meta-sha256';

/** Only write where there is nothing yet, or only in place of what was read. */
export type WriteCondition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string };

export interface StoredObject {
  /** Bytes. */
  readonly size: number;
  /** Of objects that Runwright has written. */
  readonly digest: Digest | undefined;
}

export interface WriteOptions {
  readonly condition?: WriteCondition | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((count: number) => void) | undefined;
}

export interface S3Request {
  readonly method: HttpRequest['method'];
  readonly key: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** With a body, its sha256 in hex. */
  readonly body?: Uint8Array | StreamedBody | undefined;
  readonly sha256?: string | undefined;
  readonly accept: readonly number[];
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((count: number) => void) | undefined;
}

export interface VolumeOptions {
  readonly id: number;
  /** For messages: the reference. */
  readonly where: string;
  readonly grants: VolumeGrants;
  /** Instead of the endpoint that the platform names. */
  readonly endpoint?: string | undefined;
  readonly http: (origin: string) => HttpClient;
  /** For failures that an answer tells in its body. */
  readonly retry: RetryPolicy;
}

/** The objects of one model, in a store that speaks S3. Keys are paths relative to the volume. */
export class Volume {
  constructor(private readonly options: VolumeOptions) {}

  get where(): string {
    return this.options.where;
  }

  get retry(): RetryPolicy {
    return this.options.retry;
  }

  /** Whether an object of ours can lie there at all. */
  async isReachable(): Promise<boolean> {
    return (await this.options.grants.place(this.options.id)).provider !== 'gs';
  }

  /** A small object; `undefined` when there is none. */
  async read(
    key: string,
  ): Promise<{ readonly bytes: Buffer; readonly etag: string | undefined } | undefined> {
    const answer = await this.send({ method: 'GET', key, accept: [200, 404] });
    return answer.status === 404 ? undefined : { bytes: answer.body, etag: answer.headers.etag };
  }

  async head(key: string, signal?: AbortSignal): Promise<StoredObject | undefined> {
    const { status, headers } = await this.send({ method: 'HEAD', key, accept: [200, 404], signal });
    if (status === 404) return undefined;
    const digest = headers[DIGEST_HEADER];
    return { size: Number(headers['content-length']), digest: isDigest(digest) ? digest : undefined };
  }

  /** Whether an object is there that Runwright wrote with these bytes. */
  async holds(
    key: string,
    { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const found = await this.head(key, signal);
    return found?.digest === digest && found.size === size;
  }

  /** An object's bytes from `offset` on; `undefined` when there is none. */
  async stream(
    key: string,
    { offset = 0, signal }: { offset?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<Readable | undefined> {
    const request: S3Request = {
      method: 'GET',
      key,
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
      accept: [offset > 0 ? 206 : 200, 404],
      signal,
    };
    const answer = await this.#again(request, async (http, ask): Promise<HttpDownload> => http.download(ask));
    if (answer.status !== 404) return answer.stream;
    answer.stream.destroy();
    return undefined;
  }

  /**
   * One request, all or nothing; the store compares the bytes with their sha256.
   *
   * @returns false when the condition does not hold
   */
  async write(
    key: string,
    body: Uint8Array | StreamedBody,
    digest: Digest,
    { condition, ...options }: WriteOptions = {},
  ): Promise<boolean> {
    const request: S3Request = {
      ...options,
      method: 'PUT',
      key,
      body,
      sha256: hexOf(digest),
      headers: { ...options.headers, [DIGEST_HEADER]: digest },
      accept: [200],
    };
    return (await this.conditionally(request, condition)) !== undefined;
  }

  /**
   * Sends what only holds under a condition. Stores that know no conditions (501) are asked without one.
   *
   * @returns undefined when the condition does not hold, or the answer is an accepted refusal
   */
  async conditionally(
    request: S3Request,
    condition: WriteCondition | undefined,
  ): Promise<HttpAnswer | undefined> {
    if (condition === undefined) {
      const answer = await this.send(request);
      return answer.status < 300 ? answer : undefined;
    }
    const [name, value] =
      'ifMatch' in condition ? (['if-match', condition.ifMatch] as const) : (['if-none-match', '*'] as const);
    const answer = await this.send({
      ...request,
      headers: { ...request.headers, [name]: value },
      // 409: two such writes meet. 404: what was to be replaced has gone.
      accept: [...request.accept, 404, 409, 412, 501],
    });
    if (answer.status === 501) return this.conditionally(request, undefined);
    return answer.status < 300 ? answer : undefined;
  }

  /** @throws RunwrightError RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_REGISTRY_ANSWER, RW_ABORTED */
  async send(request: S3Request): Promise<HttpAnswer> {
    return this.#again(request, (http, ask) => http.send(ask));
  }

  /** Stores answer 400, not 401, to keys that have ended before their time: then it is asked once more with new ones. */
  async #again<T extends { readonly status: number }>(
    { key, query = {}, sha256 = EMPTY, accept, headers, ...rest }: S3Request,
    send: (http: HttpClient, request: HttpRequest) => Promise<T>,
  ): Promise<T> {
    const { id, grants, where, endpoint, http } = this.options;
    const grant = await grants.place(id);
    const url = s3Location(grant, where, endpoint);
    url.pathname += encodeKey(join(grant.prefix, key));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const request: HttpRequest = {
      ...rest,
      url,
      headers: { ...headers, 'x-amz-content-sha256': sha256 },
      accept: [...accept, 400],
      repeatable: true,
      scope: String(id),
      where,
    };
    const client = http(url.origin);
    const answer = await send(client, request);
    if (answer.status !== 400) return answer;
    grants.refuse(id);
    const second = await send(client, request);
    if (second.status !== 400) return second;
    throw new RunwrightError('RW_REGISTRY_ANSWER', {
      where,
      what: `the object store of the model refuses ${request.method} ${key} (status 400)`,
      hint: 'Check the clock of this machine: keys to the store hold for a short time',
    });
  }
}

/** As the Python SDK does it: the prefix stands as it is, but for one slash at its end. */
function join(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix.replace(/\/$/, '')}/${key}`;
}

function encodeKey(key: string): string {
  return key.split('/').map(encodeSegment).join('/');
}
