import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import { certificateAuthorities } from './certificateAuthorities';
import { createProxyAgent } from './createProxyAgent';
import { proxyFor, type NamedProxy } from './proxyFor';

/** Connections to one host at once. */
const CONNECTIONS = 16;

/** Milliseconds that an idle connection is kept: servers close theirs after five seconds and more. */
const IDLE = 4000;

export interface Route {
  readonly agent: HttpAgent;
  /** Whether the proxy, and not the host, is who is spoken to. */
  readonly relayed: boolean;
}

/** The connections of a client, kept open from one request to the next. Idle ones do not keep the process alive. */
export class Connections {
  readonly #agents = new Map<string, Promise<HttpAgent>>();

  /** @param connectLimit milliseconds for a proxy to open the way */
  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly connectLimit: number,
  ) {}

  /** @throws RunwrightError RW_OPTION_INVALID, RW_IO (the proxy or the authorities that the environment names) */
  async route(url: URL): Promise<Route> {
    const secure = url.protocol === 'https:';
    const proxy = await proxyFor(url);
    const key = `${url.protocol} ${proxy?.url.href ?? ''}`;
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      agent = this.#create(secure, proxy);
      this.#agents.set(key, agent);
      // The next request may find the file mended.
      agent.catch(() => this.#agents.delete(key));
    }
    return { agent: await agent, relayed: proxy !== undefined && !secure };
  }

  async #create(secure: boolean, proxy: NamedProxy | undefined): Promise<HttpAgent> {
    const options: AgentOptions = { keepAlive: true, maxSockets: CONNECTIONS, timeout: IDLE };
    if (secure || proxy?.url.protocol === 'https:') {
      // Otherwise NODE_TLS_REJECT_UNAUTHORIZED=0 would turn verification off.
      options.rejectUnauthorized = true;
      const secureContext = await certificateAuthorities(this.environment);
      // A list of authorities would become a part of the key of every connection; a context does not.
      if (secureContext !== undefined) options.secureContext = secureContext;
    }
    if (proxy !== undefined) return createProxyAgent(proxy, secure, this.connectLimit, options);
    return secure ? new HttpsAgent(options) : new HttpAgent(options);
  }
}
