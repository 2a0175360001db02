import {
  Agent,
  createServer,
  request as forward,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What can go wrong with one request. */
export type Fault =
  /** The connection ends before anything is done. */
  | 'resetBefore'
  /** The connection ends within the request's body. */
  | 'resetInBody'
  /** It is done, and the connection ends instead of an answer. */
  | 'loseAnswer'
  /** The connection is reset within the answer's body. */
  | 'resetInAnswer'
  /** The answer ends early, as if it were whole. */
  | 'truncate'
  /** A byte of the answer is another. */
  | 'corruptAnswer'
  /** A byte of the request's body is another. */
  | 'corruptBody'
  /** The answer comes in small pieces. */
  | 'trickle'
  /** 429 with Retry-After. */
  | 'tooMany'
  /** 500, 502, 503 or 504, before or after the body has been read. */
  | 'serverError'
  /** 401: the token has expired. */
  | 'expire'
  /** The blob is to be had from another host. */
  | 'redirect';

export interface FaultProxyOptions {
  /** Where requests go to: plain http. */
  readonly target: URL;
  readonly seed?: number;
  /** Chance of a fault, 0 to 1, by request. Default 0. */
  readonly rate?: number;
  /** Ask for a Bearer token, which anybody gets, and which `expire` makes worthless. Default false. */
  readonly tokens?: boolean;
  /** Bytes a second, of each request and each answer. Default: no limit. */
  readonly bandwidth?: number;
}

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  /** Digest of the blob that it is about; of a closing PUT the one in its query. */
  digest: string | undefined;
  readonly range: string | undefined;
  readonly fault: Fault | undefined;
  /** Bytes of the body that came. */
  received: number;
  /** Bytes of the answer's body that were sent. */
  sent: number;
  /** 0 when there was no answer. */
  status: number;
}

/**
 * A proxy in front of a registry that does it harm, always the same for one seed and order of requests, and counts.
 *
 * @example
 * const proxy = await FaultProxy.start({ target: registry.origin, seed: 1, rate: 0.3 });
 * await push(`oci://${proxy.host}`);
 * expect(proxy.bytesOf(digest)).toBe(size);
 * await proxy.stop();
 */
export class FaultProxy {
  readonly requests: ProxiedRequest[] = [];
  readonly injected = new Map<Fault, number>();
  /** Requests to the other host that came with what only the registry may see. */
  leaks = 0;
  /** Asked for every request; what it gives is done, whatever the chance. */
  intercept: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  rate: number;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #random: () => number;
  readonly #sessions = new Map<string, ProxiedRequest[]>();
  #server: Server | undefined;
  #other: Server | undefined;
  #generation = 1;
  /** Requests from now on that fail, one after another. */
  #outage = 0;

  private constructor(readonly options: FaultProxyOptions) {
    this.rate = options.rate ?? 0;
    this.#random = mulberry32(options.seed ?? 1);
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    proxy.#server = await listen('127.0.0.1', (...exchange) => proxy.#handle(...exchange));
    proxy.#other = await listen('127.0.0.1', (...exchange) => proxy.#handleOther(...exchange));
    return proxy;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${portOf(this.#server)}`;
  }

  get origin(): URL {
    return new URL(`http://${this.host}/`);
  }

  /** Faults so far. */
  get faults(): number {
    return [...this.injected.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Bytes of a blob that were sent through, in uploads that were closed and in ones that were not. */
  bytesOf(digest: string): number {
    return this.uploadsOf(digest).reduce((sum, { received }) => sum + received, 0);
  }

  /** Requests that carried bytes of a blob. */
  uploadsOf(digest: string): ProxiedRequest[] {
    return this.requests.filter(
      (request) => request.digest === digest && request.received > 0 && request.method !== 'GET',
    );
  }

  /** Forgets the requests, not the sessions. */
  forget(): void {
    this.requests.length = 0;
  }

  async stop(): Promise<void> {
    for (const server of [this.#server, this.#other]) {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
    }
    this.#agent.destroy();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', this.origin);
    const method = request.method ?? '';
    const digest = query.get('digest') ?? /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(path)?.[1];
    const range = request.headers.range;
    const draft = { method, path, digest, range, received: 0, sent: 0, status: 0 };
    const fault = this.intercept({ ...draft, fault: undefined }) ?? this.#draw(method, path, request);
    const seen: ProxiedRequest = { ...draft, fault };
    this.requests.push(seen);
    this.#attribute(seen);
    request.on('data', (chunk: Buffer) => (seen.received += chunk.length)).pause();
    if (fault !== undefined) this.injected.set(fault, 1 + (this.injected.get(fault) ?? 0));
    if (await this.#refuse(seen, request, response)) return;
    if (path === '/token') return this.#giveToken(seen, response);
    const headers = { ...request.headers };
    if (this.options.tokens === true) delete headers.authorization;
    await this.#pass(seen, request, response, headers);
  }

  /** The other host: it gives blobs to anybody, and minds who shows it a token. */
  async #handleOther(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined || cookie !== undefined) this.leaks += 1;
    const { pathname: path } = new URL(request.url ?? '/', this.origin);
    const digest = path.slice(path.lastIndexOf('/') + 1);
    const broken = (['resetInAnswer', 'truncate', 'corruptAnswer', 'trickle'] as const)[
      Math.floor(this.#random() * 4)
    ];
    const fault = this.#random() < this.rate ? broken : undefined;
    if (fault !== undefined) this.injected.set(fault, 1 + (this.injected.get(fault) ?? 0));
    const { range } = request.headers;
    const seen = { method: 'GET', path, digest, range, fault, received: 0, sent: 0, status: 0 };
    this.requests.push(seen);
    await this.#pass(seen, request, response, { ...(range !== undefined && { range }) });
  }

  /** Answers in the registry's place, or not at all. */
  async #refuse(seen: ProxiedRequest, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const answer = async (status: number, headers: Record<string, string> = {}): Promise<true> => {
      // With the body or without having waited for it.
      if (this.#random() < 0.5) await drain(request);
      else request.resume();
      seen.status = status;
      response.writeHead(status, { 'content-length': '0', ...headers }).end();
      return true;
    };
    const { authorization } = request.headers;
    const isProven =
      this.options.tokens !== true ||
      seen.path === '/token' ||
      authorization === `Bearer ${this.#generation}`;
    if (seen.fault === 'expire') this.#generation += 1;
    if (seen.fault === 'resetBefore') {
      request.socket.destroy();
      return true;
    }
    if (seen.fault === 'tooMany') return answer(429, { 'retry-after': '0' });
    if (seen.fault === 'serverError')
      return answer([500, 502, 503, 504][Math.floor(this.#random() * 4)] ?? 500);
    if (seen.fault === 'expire' || !isProven) {
      const name = /^\/v2\/(.+?)\/(?:blobs|manifests|tags)\//.exec(seen.path)?.[1] ?? '';
      const scope = `scope="repository:${name}:pull,push"`;
      return answer(401, {
        'www-authenticate': `Bearer realm="${this.origin.origin}/token",service="test",${scope}`,
      });
    }
    if (seen.fault === 'redirect') {
      return answer(307, {
        location: `http://localhost:${portOf(this.#other)}${seen.path}?signature=secret`,
      });
    }
    return false;
  }

  #giveToken(seen: ProxiedRequest, response: ServerResponse): void {
    seen.status = 200;
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ token: String(this.#generation), expires_in: 300 }));
  }

  async #pass(
    seen: ProxiedRequest,
    request: IncomingMessage,
    response: ServerResponse,
    headers: IncomingHttpHeaders,
  ): Promise<void> {
    const { fault, method } = seen;
    const size = Number(request.headers['content-length'] ?? 0);
    const { hostname, port } = this.options.target;
    const sent = forward({ hostname, port, method, path: request.url, headers, agent: this.#agent });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).once('error', reject);
    });
    answered.catch(() => undefined);
    request.once('close', () => {
      if (!request.complete) sent.destroy();
    });
    const end = fault === 'resetInBody' ? Math.floor(this.#random() * size) : Infinity;
    const wrong = fault === 'corruptBody' ? Math.floor(this.#random() * size) : -1;
    let at = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (at + chunk.length > end) {
        sent.destroy();
        request.socket.destroy();
        return;
      }
      if (!sent.write(flipAt(chunk, wrong - at)) && !sent.destroyed) {
        await first(sent, 'drain', 'response', 'close');
      }
      at += chunk.length;
      await this.#take(chunk);
    }
    sent.end();
    const answer = await answered;
    seen.status = answer.statusCode ?? 0;
    this.#open(seen, answer);
    if (fault === 'loseAnswer' || fault === 'resetInBody') {
      answer.resume();
      request.socket.destroy();
      return;
    }
    await this.#answer(seen, request, response, answer);
  }

  async #answer(
    seen: ProxiedRequest,
    request: IncomingMessage,
    response: ServerResponse,
    answer: IncomingMessage,
  ): Promise<void> {
    const { fault } = seen;
    const size = Number(answer.headers['content-length'] ?? 0);
    const headers = { ...answer.headers };
    // Then nothing but the digest tells that some are missing.
    if (fault === 'truncate' && seen.digest !== undefined && this.#random() < 0.5) {
      delete headers['content-length'];
      delete headers['transfer-encoding'];
    }
    const isCut = fault === 'truncate' || fault === 'resetInAnswer';
    const end = isCut ? Math.floor(this.#random() * size) : Infinity;
    const wrong = fault === 'corruptAnswer' ? Math.floor(this.#random() * size) : -1;
    response.writeHead(seen.status, headers);
    if (seen.method !== 'HEAD') {
      let at = 0;
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        const rest = chunk.subarray(0, Math.max(0, Math.min(chunk.length, end - at)));
        for (const piece of pieces(flipAt(rest, wrong - at), fault === 'trickle')) {
          if (!response.write(piece)) await first(response, 'drain', 'close');
          seen.sent += piece.length;
          await this.#take(piece);
          if (fault === 'trickle') await sleep(1);
        }
        at += chunk.length;
        if (at > end) break;
      }
      if (isCut && fault === 'resetInAnswer') {
        request.socket.destroy();
        return;
      }
      if (isCut && headers['content-length'] !== undefined) {
        request.socket.end();
        return;
      }
    } else {
      answer.resume();
    }
    response.end();
  }

  /** The time that the bytes take. */
  async #take(bytes: Buffer): Promise<void> {
    const { bandwidth } = this.options;
    if (bandwidth !== undefined) await sleep((bytes.length / bandwidth) * 1000);
  }

  #draw(method: string, path: string, request: IncomingMessage): Fault | undefined {
    if (this.rate === 0) return undefined;
    if (this.#outage > 0) {
      this.#outage -= 1;
      return 'serverError';
    }
    const dice = this.#random();
    // Now and then the registry is gone for longer than anybody tries.
    if (dice < this.rate / 800) this.#outage = 80;
    if (dice >= this.rate) return undefined;
    const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
    const isBlob = method === 'GET' && /\/blobs\/sha256:/.test(path);
    const isManifest = method === 'GET' && path.includes('/manifests/');
    const faults: Fault[] = ['resetBefore', 'loseAnswer', 'tooMany', 'serverError'];
    if (method === 'GET') faults.push('resetInAnswer', 'truncate', 'trickle');
    if (hasBody) faults.push('resetInBody');
    // What a manifest should be, the registry cannot know.
    if (hasBody && path.includes('/blobs/')) faults.push('corruptBody');
    if (isBlob) faults.push('corruptAnswer', 'redirect', 'redirect');
    if (isManifest) faults.push('corruptAnswer');
    // It expires for all who are at work.
    if (this.options.tokens === true && this.#random() < 0.1) faults.push('expire');
    return faults[Math.floor(this.#random() * faults.length)];
  }

  /** A PATCH, or a PUT that was cut off, is known by the session that it belongs to. */
  #attribute(seen: ProxiedRequest): void {
    if (!seen.path.includes('/blobs/uploads/')) return;
    const session = this.#sessions.get(seen.path) ?? [];
    session.push(seen);
    this.#sessions.set(seen.path, session);
    const digest = session.find((request) => request.digest !== undefined)?.digest;
    for (const request of session) request.digest ??= digest;
  }

  #open(seen: ProxiedRequest, answer: IncomingMessage): void {
    const { location } = answer.headers;
    if (seen.method !== 'PATCH' || location === undefined) return;
    // The next part of the session may have another address.
    const next = new URL(location, this.origin).pathname;
    if (next !== seen.path) this.#sessions.set(next, this.#sessions.get(seen.path) ?? [seen]);
  }
}

function listen(
  host: string,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Server> {
  const server = createServer((request, response) => {
    // Whoever is connected goes away at any moment: that is what is being tried.
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve) => server.listen(0, host, () => resolve(server)));
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo).port;
}

function drain(request: IncomingMessage): Promise<void> {
  request.resume();
  return request.complete ? Promise.resolve() : first(request, 'end', 'close');
}

/** Resolves when the first of the events comes. */
function first(emitter: NodeJS.EventEmitter, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) emitter.off(event, done);
      resolve();
    };
    for (const event of events) emitter.on(event, done);
  });
}

function flipAt(chunk: Buffer, at: number): Buffer {
  const byte = chunk[at];
  if (byte === undefined) return chunk;
  const flipped = Buffer.from(chunk);
  flipped[at] = byte ^ 1;
  return flipped;
}

function* pieces(chunk: Buffer, small: boolean): Generator<Buffer> {
  const size = small ? Math.max(1, Math.ceil(chunk.length / 8)) : chunk.length;
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}

/** A small generator of numbers from 0 to 1 (https://github.com/bryc/code/blob/master/jshash/PRNGs.md). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
