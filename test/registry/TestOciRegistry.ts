import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../src/artifact/digestOf';
import { OciStore } from './OciStore';
import { TestTokens, type TestAuth } from './TestTokens';

export interface TestOciRegistryOptions {
  /** Where blobs lie; by default a temporary folder, which `stop` removes. */
  readonly directory?: string;
  readonly auth?: TestAuth;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Whether an upload session outlives a broken body, with the bytes that came; docker-registry throws it away. Default false. */
  readonly keepsSessions?: boolean;
  /** Bytes; chunks but the last must have as many, and the answer to POST says so. */
  readonly chunkMinLength?: number;
  /** Bytes that a request's body may have; more is a 413. */
  readonly maxBody?: number;
  /** Take any Content-Range, as docker-registry does. Default false. */
  readonly ignoresContentRange?: boolean;
  /** Answer a GET with Range with all of the blob. Default false. */
  readonly ignoresRange?: boolean;
  readonly deletesDisabled?: boolean;
  readonly catalogDisabled?: boolean;
  /** Never mount: open a session instead. */
  readonly mountsDisabled?: boolean;
  /** Answer a GET of a blob with a redirect to another origin, which wants no Authorization. */
  readonly redirectsBlobs?: boolean;
  /** Locations without scheme and host. */
  readonly relativeLocations?: boolean;
  /** Most tags or repositories in one answer. Default 1000. */
  readonly pageSize?: number;
  /** Milliseconds before every answer. */
  readonly delay?: number;
}

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Where blobs are redirected to, or the registry itself. */
  readonly host: 'registry' | 'storage';
  /** Which one of its method and path it is, from 1. */
  readonly nth: number;
  /** Bytes of the body that arrived. */
  received: number;
  /** 0 until it is answered. */
  status: number;
}

/** What goes wrong with a request. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Ends the connection after so many bytes of the request's body; 0 before anything is done. */
  | { readonly resetAfter: number }
  /** Does the work, and ends the connection instead of answering. */
  | 'loseAnswer'
  /** Ends the connection after so many bytes of the answer's body. */
  | { readonly truncateAfter: number }
  /** Changes a byte of the answer's body. */
  | 'corrupt'
  /** Milliseconds. */
  | { readonly delay: number };

class Broken extends Error {}

/**
 * An OCI distribution registry on loopback, after the specification 1.1, with the ways of docker-registry where the options
 * say so.
 *
 * @example
 * const server = await TestOciRegistry.start({ keepsSessions: true });
 * server.intercept = (request) => (request.method === 'PATCH' && request.nth === 1 ? { resetAfter: 1000 } : undefined);
 * await server.stop();
 */
export class TestOciRegistry {
  readonly requests: SeenRequest[] = [];
  readonly store: OciStore;
  readonly tokens: TestTokens | undefined;
  /** Asked before every request; it may wait. */
  intercept: (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined> = () => undefined;
  /** Sessions that got a chunk which only the last one may be. */
  readonly endedSessions = new Set<string>();
  #server: Server | undefined;
  #storage: Server | undefined;

  private constructor(readonly options: TestOciRegistryOptions) {
    this.store = new OciStore(options.directory ?? mkdtempSync(join(tmpdir(), 'runwright-oci-')));
    this.tokens = options.auth === undefined ? undefined : new TestTokens(options.auth, () => this.origin);
  }

  static async start(options: TestOciRegistryOptions = {}): Promise<TestOciRegistry> {
    const registry = new TestOciRegistry(options);
    registry.#server = await registry.#listen('registry');
    registry.#storage = await registry.#listen('storage');
    return registry;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${portOf(this.#server)}`;
  }

  get origin(): string {
    return `${this.options.tls === undefined ? 'http' : 'https'}://${this.host}`;
  }

  /** The requests of a method, to paths that match. */
  seen(method: string, path: RegExp | string = ''): SeenRequest[] {
    const matches = (request: SeenRequest) =>
      typeof path === 'string' ? request.path.includes(path) : path.test(request.path);
    return this.requests.filter((request) => request.method === method && matches(request));
  }

  async stop(): Promise<void> {
    for (const server of [this.#server, this.#storage]) {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
    }
    if (this.options.directory === undefined) rmSync(this.store.directory, { recursive: true, force: true });
  }

  async #listen(host: SeenRequest['host']): Promise<Server> {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      // A request that breaks lets go of its socket without closing it.
      const { socket } = request;
      this.#handle(host, request, response).catch((error: unknown) => {
        socket.destroy();
        if (!(error instanceof Broken) && !request.destroyed) throw error;
      });
    };
    const server =
      this.options.tls === undefined ? createServer(listener) : createTlsServer(this.options.tls, listener);
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  async #handle(
    host: SeenRequest['host'],
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://host');
    const { pathname: path, searchParams: query } = url;
    const method = request.method ?? '';
    const seen: SeenRequest = {
      method,
      path,
      query,
      headers: request.headers,
      host,
      nth: 1 + this.requests.filter((other) => other.method === method && other.path === path).length,
      received: 0,
      status: 0,
    };
    this.requests.push(seen);
    if (this.options.delay !== undefined) await sleep(this.options.delay);
    const fault = await this.intercept(seen);
    if (fault !== undefined && typeof fault === 'object' && 'delay' in fault) await sleep(fault.delay);
    const exchange = new Exchange(this, seen, request, response, fault);
    try {
      await exchange.answer();
    } finally {
      seen.status = response.headersSent ? response.statusCode : 0;
    }
  }

  get storageOrigin(): string {
    return `${this.options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${portOf(this.#storage)}`;
  }
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo).port;
}

/** One request and its answer. */
class Exchange {
  constructor(
    readonly registry: TestOciRegistry,
    readonly seen: SeenRequest,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly fault: Fault | undefined,
  ) {}

  async answer(): Promise<void> {
    const { fault, seen } = this;
    const { options, tokens } = this.registry;
    if (typeof fault === 'object' && 'resetAfter' in fault && fault.resetAfter === 0) throw new Broken();
    if (typeof fault === 'object' && 'status' in fault) {
      return this.send(fault.status, fault.headers ?? {}, Buffer.from(fault.body ?? ''));
    }
    if (seen.host === 'storage') {
      const digest = seen.path.slice(1);
      if (seen.headers.authorization !== undefined) return this.refuse(400, 'AUTHORIZATION_SENT_ON');
      return this.sendBlob(digest);
    }
    if (seen.path === '/token' && tokens !== undefined) {
      const { status, body } = await tokens.give(this.request, seen.query);
      return this.sendJson(status, body);
    }
    const route =
      /^\/v2\/(?:(_catalog)|(?<name>[a-z0-9._/-]+)\/(?:(?<tags>tags\/list)|blobs\/uploads\/(?<session>[^/]*)|blobs\/(?<blob>sha256:[0-9a-f]{64})|manifests\/(?<manifest>[^/]+)))?$/.exec(
        seen.path,
      );
    if (route === null) return this.refuse(404, 'UNSUPPORTED');
    const { name, tags, session, blob, manifest } = route.groups ?? {};
    const reads = seen.method === 'GET' || seen.method === 'HEAD';
    const scope =
      name === undefined
        ? 'registry:catalog:*'
        : `repository:${name}:${reads && session === undefined ? 'pull' : 'pull,push'}`;
    const challenge = tokens?.challenge(this.request, scope);
    if (challenge !== undefined) {
      return this.refuse(401, 'UNAUTHORIZED', { 'www-authenticate': challenge });
    }
    if (name === undefined) {
      if (seen.path === '/v2/') return this.sendJson(200, {});
      if (options.catalogDisabled === true) return this.refuse(404, 'UNSUPPORTED');
      return this.sendPage('repositories', [...this.registry.store.repositories.keys()], {});
    }
    if (tags !== undefined) {
      const found = this.registry.store.repositories.get(name);
      if (found === undefined) return this.refuse(404, 'NAME_UNKNOWN');
      return this.sendPage('tags', [...found.tags.keys()], { name });
    }
    if (session !== undefined) return this.upload(name, session);
    if (blob !== undefined) return this.blob(name, blob);
    return this.manifest(name, manifest ?? '');
  }

  private async upload(name: string, id: string): Promise<void> {
    const { store, options } = this.registry;
    const { query, method } = this.seen;
    if (id === '') {
      if (method !== 'POST') return this.refuse(405, 'UNSUPPORTED');
      const [mount, from] = [query.get('mount'), query.get('from')];
      if (mount !== null && from !== null && options.mountsDisabled !== true) {
        if ((await store.blobSize(from, mount)) !== undefined) {
          store.repository(name).blobs.add(mount);
          return this.created(`/v2/${name}/blobs/${mount}`, mount);
        }
      }
      return this.sendSession(202, name, store.openSession(name), 0);
    }
    const before = store.sessionSize(name, id);
    if (before === undefined || query.get('_state') !== `s${id}`)
      return this.refuse(404, 'BLOB_UPLOAD_UNKNOWN');
    if (method === 'GET') return this.sendSession(204, name, id, before);
    if (method === 'DELETE') {
      store.dropSession(id);
      return this.send(204);
    }
    const length = Number(this.request.headers['content-length'] ?? NaN);
    if (!Number.isInteger(length)) return this.refuse(411, 'SIZE_INVALID');
    if (length > (options.maxBody ?? Infinity)) return this.refuse(413, 'SIZE_INVALID');
    const range = /^(\d+)-(\d+)$/.exec(this.request.headers['content-range'] ?? '');
    if (options.ignoresContentRange !== true && range !== null) {
      const [, from, to] = range.map(Number);
      if (from !== before || to !== before + length - 1) {
        return this.sendSession(416, name, id, before);
      }
    }
    if (method === 'PATCH') {
      // Only the last chunk may be short.
      if (this.registry.endedSessions.has(id)) return this.refuse(400, 'SIZE_INVALID');
      if (length < (options.chunkMinLength ?? 0)) this.registry.endedSessions.add(id);
    }
    try {
      await store.append(id, this.body());
    } catch (error) {
      if (options.keepsSessions !== true) store.dropSession(id);
      throw error;
    }
    if (method === 'PATCH') return this.sendSession(202, name, id, store.sessionSize(name, id) ?? 0);
    const digest = query.get('digest') ?? '';
    if (!(await store.finish(name, id, digest))) return this.refuse(400, 'DIGEST_INVALID');
    return this.created(`/v2/${name}/blobs/${digest}`, digest);
  }

  private async blob(name: string, digest: string): Promise<void> {
    const { store, options, storageOrigin } = this.registry;
    const size = await store.blobSize(name, digest);
    if (size === undefined) return this.refuse(404, 'BLOB_UNKNOWN');
    if (this.seen.method === 'HEAD') {
      return this.send(200, { 'content-length': String(size), 'docker-content-digest': digest });
    }
    if (this.seen.method === 'DELETE') {
      if (options.deletesDisabled === true) return this.refuse(405, 'UNSUPPORTED');
      store.repository(name).blobs.delete(digest);
      return this.send(202);
    }
    if (options.redirectsBlobs === true) {
      return this.send(307, { location: `${storageOrigin}/${digest}?X-Amz-Signature=secret` });
    }
    return this.sendBlob(digest);
  }

  private async manifest(name: string, reference: string): Promise<void> {
    const { store, options } = this.registry;
    const { method } = this.seen;
    if (method === 'PUT') {
      const bytes = Buffer.concat(await arrayOf(this.body()));
      if (bytes.length > 4 * 1024 * 1024) return this.refuse(413, 'SIZE_INVALID');
      const digest = digestOf(bytes);
      if (reference.includes(':') && reference !== digest) return this.refuse(400, 'DIGEST_INVALID');
      if (!reference.includes(':') && !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(reference)) {
        return this.refuse(400, 'TAG_INVALID');
      }
      const {
        mediaType,
        config,
        layers = [],
      } = JSON.parse(bytes.toString()) as {
        mediaType: string;
        config?: { digest: string };
        layers?: { digest: string }[];
      };
      if (this.request.headers['content-type'] !== mediaType) return this.refuse(400, 'MANIFEST_INVALID');
      for (const { digest: blob } of config === undefined ? layers : [config, ...layers]) {
        if ((await store.blobSize(name, blob)) === undefined)
          return this.refuse(400, 'MANIFEST_BLOB_UNKNOWN');
      }
      const repository = store.repository(name);
      repository.manifests.set(digest, { bytes, mediaType });
      if (!reference.includes(':')) repository.tags.set(reference, digest);
      return this.created(`/v2/${name}/manifests/${digest}`, digest);
    }
    const repository = store.repositories.get(name);
    const digest = reference.includes(':') ? reference : (repository?.tags.get(reference) ?? '');
    const found = repository?.manifests.get(digest);
    if (method === 'DELETE') {
      if (options.deletesDisabled === true) return this.refuse(405, 'UNSUPPORTED');
      if (!reference.includes(':')) return this.refuse(400, 'UNSUPPORTED');
      if (repository === undefined || found === undefined) return this.refuse(404, 'MANIFEST_UNKNOWN');
      repository.manifests.delete(digest);
      for (const [tag, target] of repository.tags) if (target === digest) repository.tags.delete(tag);
      return this.send(202);
    }
    const accepts = (this.request.headers.accept ?? '').split(/\s*,\s*/);
    if (found === undefined || !accepts.some((type) => type === found.mediaType)) {
      return this.refuse(404, repository === undefined ? 'NAME_UNKNOWN' : 'MANIFEST_UNKNOWN');
    }
    const headers = { 'content-type': found.mediaType, 'docker-content-digest': digest };
    if (method === 'HEAD')
      return this.send(200, { ...headers, 'content-length': String(found.bytes.length) });
    return this.send(200, headers, found.bytes);
  }

  /** The request's body; it breaks where the fault says, and when the connection does. */
  private async *body(): AsyncGenerator<Buffer> {
    const { fault, seen } = this;
    const limit = typeof fault === 'object' && 'resetAfter' in fault ? fault.resetAfter : Infinity;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      const rest = limit - seen.received;
      seen.received += Math.min(chunk.length, rest);
      yield chunk.length > rest ? chunk.subarray(0, rest) : chunk;
      if (seen.received >= limit) throw new Broken();
    }
  }

  private created(path: string, digest: string): Promise<void> {
    return this.send(201, { location: this.location(path), 'docker-content-digest': digest });
  }

  private sendSession(status: number, name: string, id: string, size: number): Promise<void> {
    const { chunkMinLength } = this.registry.options;
    return this.send(status, {
      location: this.location(`/v2/${name}/blobs/uploads/${id}?_state=s${id}`),
      range: `0-${Math.max(0, size - 1)}`,
      'docker-upload-uuid': id,
      ...(chunkMinLength === undefined ? {} : { 'oci-chunk-min-length': String(chunkMinLength) }),
    });
  }

  private location(path: string): string {
    return this.registry.options.relativeLocations === true ? path : `${this.registry.origin}${path}`;
  }

  private sendPage(key: string, all: readonly string[], rest: object): Promise<void> {
    const { query, path } = this.seen;
    const size = Math.min(Number(query.get('n') ?? 1000), this.registry.options.pageSize ?? 1000);
    const names = all.toSorted().filter((name) => name > (query.get('last') ?? ''));
    const page = names.slice(0, size);
    const next = `${path}?last=${encodeURIComponent(page.at(-1) ?? '')}&n=${size}`;
    return this.sendJson(
      200,
      { ...rest, [key]: page },
      names.length > size ? { link: `<${next}>; rel="next"` } : {},
    );
  }

  private async sendBlob(digest: string): Promise<void> {
    const path = this.registry.store.blobPath(digest);
    const { size } = await stat(path);
    const from = Number(/^bytes=(\d+)-$/.exec(this.request.headers.range ?? '')?.[1] ?? NaN);
    const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest };
    if (Number.isNaN(from) || this.registry.options.ignoresRange === true) {
      return this.send(200, headers, Buffer.concat(await arrayOf(createReadStream(path))));
    }
    if (from >= size) return this.send(416, { 'content-range': `bytes */${size}` });
    const range = { 'content-range': `bytes ${from}-${size - 1}/${size}` };
    return this.send(
      206,
      { ...headers, ...range },
      Buffer.concat(await arrayOf(createReadStream(path, { start: from }))),
    );
  }

  private refuse(status: number, code: string, headers: Record<string, string> = {}): Promise<void> {
    return this.sendJson(status, { errors: [{ code, message: code.toLowerCase(), detail: null }] }, headers);
  }

  private sendJson(status: number, value: unknown, headers: Record<string, string> = {}): Promise<void> {
    return this.send(
      status,
      { 'content-type': 'application/json', ...headers },
      Buffer.from(JSON.stringify(value)),
    );
  }

  private async send(
    status: number,
    headers: Record<string, string> = {},
    body: Buffer = Buffer.alloc(0),
  ): Promise<void> {
    const { fault, request, response, seen } = this;
    if (fault === 'loseAnswer') throw new Broken();
    seen.status = status;
    // What is left of the request's body would be read as the next request.
    if (!request.complete) request.resume();
    let bytes = body;
    if (fault === 'corrupt' && body.length > 0) {
      bytes = Buffer.from(body);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    }
    response.writeHead(status, {
      ...(status === 204 ? {} : { 'content-length': String(bytes.length) }),
      ...headers,
    });
    if (typeof fault === 'object' && 'truncateAfter' in fault && fault.truncateAfter < bytes.length) {
      await new Promise((resolve) => response.write(bytes.subarray(0, fault.truncateAfter), resolve));
      throw new Broken();
    }
    await new Promise<void>((resolve) => response.end(seen.method === 'HEAD' ? undefined : bytes, resolve));
  }
}

async function arrayOf(stream: AsyncIterable<unknown>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return chunks;
}
