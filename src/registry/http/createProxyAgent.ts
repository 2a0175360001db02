import type { Agent, ClientRequest } from 'node:http';
import type { AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ProxyError } from './ProxyError';
import type { NamedProxy } from './proxyFor';

/** What the two agents have in common; their types name each its own kind of request. */
type ProxyAgentClass = new (
  proxy: URL,
  options: AgentOptions & { signal?: AbortSignal },
) => Agent & {
  readonly options: AgentOptions;
  connect(request: ClientRequest, connection: unknown): Promise<Socket>;
};

/**
 * An agent whose connections go through a proxy: https by CONNECT, http by asking for the whole URL.
 *
 * @param limit milliseconds for the proxy to open the way
 */
export async function createProxyAgent(
  { url: proxy, variable }: NamedProxy,
  secure: boolean,
  limit: number,
  options: AgentOptions,
): Promise<Agent> {
  const ProxyAgent = (secure
    ? (await import('https-proxy-agent')).HttpsProxyAgent
    : (await import('http-proxy-agent')).HttpProxyAgent) as unknown as ProxyAgentClass;
  const agent = new ProxyAgent(proxy, options);
  // The one for https forgets them, and with them whom to trust.
  Object.assign(agent.options, options, { noDelay: true });
  const shown = `${proxy.host} (${variable})`;
  // The agents wait for a silent proxy without end, and show its refusal as if it were the registry's answer.
  agent.connect = async (request, connection) => {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), limit);
    let status: number | undefined;
    request.once('proxyConnect', (answer: { statusCode?: number }) => (status = answer.statusCode));
    try {
      const opener = new ProxyAgent(proxy, { ...options, signal: over.signal });
      const socket = await opener.connect(request, connection);
      if (status !== undefined && status !== 200) {
        socket.destroy();
        throw new ProxyError(shown, { status });
      }
      return socket;
    } catch (error) {
      if (over.signal.aborted) throw new ProxyError(shown);
      if (error instanceof ProxyError) throw error;
      throw new ProxyError(shown, { code: errorCodeOf(error) });
    } finally {
      clearTimeout(timer);
    }
  };
  return agent;
}
