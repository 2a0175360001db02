import type { Got } from 'got';
import { packageRoot } from '../../artifact/packageRoot';
import { RunwrightError } from '../../errors/RunwrightError';
import type { Authorizer } from './Authorizer';
import { Connections } from './Connections';
import { countOnce } from './countOnce';
import { describeTarget } from './describeTarget';
import { exchange } from './exchange';
import { followRedirect } from './followRedirect';
import type { HttpAnswer, HttpDownload, HttpRequest } from './HttpRequest';
import type { HttpResponse } from './HttpResponse';
import { readBody } from './readBody';
import { RETRY_POLICY, type RetryPolicy } from './RetryPolicy';
import { secretsOf } from './secretsOf';
import { serviceMessage } from './serviceMessage';
import { statusError } from './statusError';
import { streamedBody } from './streamedBody';
import { TIME_LIMITS, type TimeLimits } from './TimeLimits';
import { tryAgain } from './tryAgain';
import { UnavailableError } from './UnavailableError';
import { unlessAborted } from './unlessAborted';

/** Bytes of an answer that is read into memory; a registry's largest manifests have 4 MiB. */
const LARGEST_ANSWER = 8 * 1024 * 1024;

/** Bytes of a refusal that are read, to see what it says. */
const LARGEST_REFUSAL = 64 * 1024;

const REDIRECTS = 5;

/** Times that a request is sent while nothing was ever answered. */
const TRIES_UNANSWERED = 3;

/** Bytes of a body from which on the server is asked whether it wants it: what it would refuse is better not sent. */
const EXPECTED = 1024 * 1024;

export interface HttpClientOptions {
  readonly authorizer?: Authorizer | undefined;
  /** Where an own CA is looked up (`RUNWRIGHT_CA_FILE`, `SSL_CERT_FILE`); `process.env` by default. Proxies are always those of `process.env`. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly limits?: Partial<TimeLimits> | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** One try of a request. */
interface Call {
  readonly request: HttpRequest;
  readonly compressed: boolean;
  readonly onSent: (total: number) => void;
  /** Whether an earlier one broke off while its body was sent: perhaps the server had refused it, and the answer was lost. */
  readonly broken: boolean;
}

/**
 * Speaks to one service over HTTP: time limits for each phase, tries again what may be tried again, proxies and an own CA
 * from the environment. TLS is always verified.
 *
 * @example
 * const client = new HttpClient({ authorizer });
 * const { body } = await client.send({ method: 'GET', url, where: 'oci://ghcr.io/acme' });
 */
export class HttpClient {
  readonly #connections: Connections;
  readonly #limits: TimeLimits;
  readonly #retry: RetryPolicy;
  #reached = false;
  /** Origins that let a body wait for their word without giving it, or do not know the question. */
  readonly #silent = new Set<string>();
  #got: Promise<Got> | undefined;

  constructor(readonly options: HttpClientOptions = {}) {
    this.#limits = { ...TIME_LIMITS, ...options.limits };
    this.#retry = { ...RETRY_POLICY, ...options.retry };
    this.#connections = new Connections(options.environment ?? process.env, this.#limits.connect);
  }

  /**
   * @throws RunwrightError RW_REGISTRY_UNAVAILABLE (not reached, too slow, 429 and 5xx to the last try), RW_REGISTRY_DENIED
   *   (401, 403), RW_REGISTRY_ANSWER (any other status that is not accepted, more than `maxBytes`), RW_ABORTED, RW_OPTION_INVALID
   *   and RW_IO (a proxy or a CA file of the environment), and what the body fails with
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    return this.#repeat(request, request.method !== 'HEAD', async (call) => {
      const { status, headers, url, body: stream } = await this.#ask(call);
      const { maxBytes = LARGEST_ANSWER } = request;
      const body = await readBody(stream, maxBytes);
      if (body !== undefined) return { status, headers, url, body };
      throw new RunwrightError('RW_REGISTRY_ANSWER', {
        where: request.where,
        what: `${describeTarget(request.method, url)} was answered with more than ${maxBytes} bytes`,
        hint: 'Check that the address is that of a registry',
      });
    });
  }

  /** As `send`, but the body comes as a stream; only what happens before its first byte is tried again. */
  async download(request: HttpRequest): Promise<HttpDownload> {
    return this.#repeat(request, false, async (call) => {
      const { body, ...head } = await this.#ask(call);
      return { ...head, stream: body };
    });
  }

  #repeat<T>(request: HttpRequest, compressed: boolean, work: (call: Call) => Promise<T>): Promise<T> {
    const onSent = countOnce(request.onBytes);
    return tryAgain(
      request,
      () => this.#policy,
      (broken) => work({ request, compressed, onSent, broken }),
    );
  }

  /** What never answered is most likely named wrongly: whoever waits should soon be told. */
  get #policy(): RetryPolicy {
    const { tries } = this.#retry;
    return this.#reached ? this.#retry : { ...this.#retry, tries: Math.min(tries, TRIES_UNANSWERED) };
  }

  /** One try, with its redirects and one new proof of who is asking. */
  async #ask(call: Call): Promise<HttpResponse> {
    const { authorizer } = this.options;
    const { where, signal } = call.request;
    let asked = call.request;
    let renewed = false;
    for (let redirects = 0; ;) {
      const own = authorizer !== undefined && asked.url.origin === authorizer.origin;
      const proof = own ? await final(unlessAborted(authorizer.headers(asked), where, signal)) : {};
      const response = await this.#exchange(call, asked, proof);
      this.#reached = true;
      if (accepts(asked, response.status)) {
        // It may be here before the news that the last bytes have left.
        if (response.status < 300) call.onSent(asked.body === undefined ? 0 : streamedBody(asked.body).size);
        return response;
      }
      const body = await readBody(response.body, LARGEST_REFUSAL).catch((error: unknown) => {
        if (signal?.aborted) throw error;
        return undefined;
      });
      const next = followRedirect(asked, response);
      if (next !== undefined && redirects < REDIRECTS) {
        redirects += 1;
        asked = next;
        continue;
      }
      const { status, headers, url } = response;
      if (status === 417 && !this.#silent.has(url.origin)) {
        this.#silent.add(url.origin);
        continue;
      }
      if (own && !renewed && (status === 401 || status === 403)) {
        renewed = true;
        if (await final(unlessAborted(authorizer.refused(asked, { status, headers }), where, signal)))
          continue;
      }
      const target = describeTarget(asked.method, url);
      const message =
        next === undefined ? serviceMessage(body, secretsOf(proof, asked)) : 'one redirect too many';
      const { login } = authorizer ?? {};
      throw statusError({ status, headers, url, where, target, own, message, login });
    }
  }

  async #exchange(
    { compressed, onSent, broken }: Call,
    { method, url, headers = {}, body: given, where, signal }: HttpRequest,
    proof: Readonly<Record<string, string>>,
  ): Promise<HttpResponse> {
    const { agent, relayed } = await this.#connections.route(url);
    const body = given && streamedBody(given);
    const expects =
      body !== undefined &&
      (broken || body.size >= EXPECTED) &&
      // The agent of a plain proxy rewrites a head that would then have been sent already.
      !relayed &&
      !this.#silent.has(url.origin);
    this.#got ??= import('got').then(({ got }) => got);
    return exchange(await this.#got, {
      method,
      url,
      headers: { 'user-agent': userAgent(), ...headers, ...proof },
      body,
      where,
      signal,
      agent,
      limits: this.#limits,
      compressed,
      onSent,
      onIgnoredExpect: expects ? () => this.#silent.add(url.origin) : undefined,
    });
  }
}

function accepts({ accept }: HttpRequest, status: number): boolean {
  return accept?.includes(status) ?? (status >= 200 && status < 300);
}

/** What asks for a proof has tried often enough by itself. */
async function final<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw error instanceof UnavailableError
      ? new UnavailableError({ ...error.details, passing: false })
      : error;
  }
}

let agentName: string | undefined;

function userAgent(): string {
  return (agentName ??= `runwright/${packageRoot().packageJson.version}`);
}
