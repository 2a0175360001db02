import { isDigest, type Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { MAX_MANIFEST_SIZE } from '../../artifact/parseOciManifest';
import type { HttpClient } from '../http/HttpClient';
import type { HttpRequest } from '../http/HttpRequest';
import { errorCodesOf } from './errorCodesOf';
import { findPatiently } from './findPatiently';
import {
  changedManifest,
  corruptManifest,
  incompleteManifest,
  largeManifest,
  refusedManifest,
} from './manifestErrors';
import { readPages } from './readPages';

/** A registry hides, or changes, manifests of types that are not asked for. */
const ACCEPT = [
  MEDIA_TYPES.manifest,
  MEDIA_TYPES.index,
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** Times that a manifest is read whose bytes are not its digest's. */
const TRIES = 3;

export interface OciRepositoryOptions {
  readonly http: HttpClient;
  /** Scheme, host and port. */
  readonly origin: URL;
  /** Its whole name at the registry: `prefix/acme/iris`. */
  readonly path: string;
  /** For messages: the reference. */
  readonly where: string;
  /** Whether it is to be written to: then the right to do so is asked for from the beginning. */
  readonly writes: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface FoundManifest {
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** Tags and manifests of one repository, over the OCI distribution specification 1.1. */
export class OciRepository {
  readonly http: HttpClient;
  readonly origin: URL;
  readonly path: string;
  readonly where: string;
  /** What a token must allow. */
  readonly scope: string;
  readonly #signal: AbortSignal | undefined;

  constructor({ http, origin, path, where, writes, signal }: OciRepositoryOptions) {
    this.http = http;
    this.origin = origin;
    this.path = path;
    this.where = where;
    this.scope = `repository:${path}:${writes ? 'pull,push' : 'pull'}`;
    this.#signal = signal;
  }

  /** Where it lies at the registry. */
  get url(): URL {
    return new URL(`/v2/${this.path}/`, this.origin);
  }

  /** A request of what lies under the repository: `tags/list`, `blobs/sha256:...`. */
  request(method: HttpRequest['method'], path: string, rest: Partial<HttpRequest> = {}): HttpRequest {
    const url = new URL(path, this.url);
    return { method, url, scope: this.scope, where: this.where, signal: this.#signal, ...rest };
  }

  /** @returns `undefined` when there is no such repository */
  tags(): Promise<string[] | undefined> {
    return readPages(this.http, this.request('GET', 'tags/list'), 'tags');
  }

  /** What a tag points at; `undefined` when there is no such tag. */
  async digestOf(tag: string): Promise<Digest | undefined> {
    const request = this.request('HEAD', `manifests/${encodeURIComponent(tag)}`, {
      headers: { accept: ACCEPT },
      accept: [200, 404],
    });
    const { status, headers } = await this.http.send(request);
    if (status === 404) return undefined;
    const digest = headers['docker-content-digest'];
    return isDigest(digest) ? digest : (await this.readManifest(tag))?.digest;
  }

  /**
   * A manifest by its tag or digest, verified; `undefined` when there is none.
   *
   * @throws RunwrightError RW_PACKAGE_CORRUPT (the bytes are not those of the digest)
   */
  async readManifest(reference: string): Promise<FoundManifest | undefined> {
    const request = this.request(
      'GET',
      `manifests/${isDigest(reference) ? reference : encodeURIComponent(reference)}`,
      {
        headers: { accept: ACCEPT },
        accept: [200, 404],
      },
    );
    // What a middlebox has spoilt is right the next time.
    for (let tries = 1; ; tries += 1) {
      const { status, headers, body } = await this.http.send(request);
      if (status === 404) return undefined;
      const said = headers['docker-content-digest'];
      const wanted = isDigest(reference) ? reference : isDigest(said) ? said : undefined;
      const digest = digestOf(body);
      if (wanted === undefined || wanted === digest) return { digest, bytes: body };
      if (tries === TRIES) throw corruptManifest(this.where, wanted);
    }
  }

  /**
   * Puts a manifest under a tag, wherever that pointed before.
   *
   * @throws RunwrightError RW_PACKAGE_INVALID (too large, a blob of it is missing, the registry does not take it)
   */
  async putManifest(tag: string, manifest: Uint8Array): Promise<void> {
    if (manifest.byteLength > MAX_MANIFEST_SIZE) throw largeManifest(this.where, manifest.byteLength);
    const taken = await findPatiently(() => this.#put(tag, manifest));
    if (taken === undefined) throw incompleteManifest(this.where);
    if (taken !== digestOf(manifest)) throw changedManifest(this.where);
  }

  /** @returns the digest that the registry names; `undefined` when it misses a blob */
  async #put(tag: string, manifest: Uint8Array): Promise<string | undefined> {
    const { status, headers, body } = await this.http.send(
      this.request('PUT', `manifests/${encodeURIComponent(tag)}`, {
        headers: { 'content-type': MEDIA_TYPES.manifest },
        body: manifest,
        accept: [200, 201, 202, 400, 404, 413, 422],
      }),
    );
    const codes = errorCodesOf(body);
    if (codes.includes('MANIFEST_BLOB_UNKNOWN') || codes.includes('BLOB_UNKNOWN')) return undefined;
    if (status >= 400) throw refusedManifest(this.where, status, codes);
    return String(headers['docker-content-digest'] ?? digestOf(manifest));
  }
}
