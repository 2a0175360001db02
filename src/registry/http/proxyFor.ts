import { RunwrightError } from '../../errors/RunwrightError';
import { isLoopback } from '../isLoopback';

/** A proxy, and the variable that names it. */
export interface NamedProxy {
  readonly url: URL;
  readonly variable: string;
}

/**
 * The proxy that the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case) names for a URL.
 * A loopback host is never asked for through one.
 *
 * @throws RunwrightError RW_OPTION_INVALID when it is no http or https URL; the message does not repeat it, as it may hold a password
 */
export async function proxyFor(url: URL): Promise<NamedProxy | undefined> {
  if (isLoopback(url.hostname)) return undefined;
  const { getProxyForUrl } = await import('proxy-from-env');
  const named = getProxyForUrl(url.origin);
  if (named === '') return undefined;
  const variable = variableFor(url.protocol.slice(0, -1));
  const proxy = URL.canParse(named) ? new URL(named) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return { url: proxy, variable };
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: variable,
    what: `the proxy for ${url.host} is ${proxy === undefined ? 'no URL' : `a "${proxy.protocol}" one`}`,
    hint: 'Name an http proxy (http://proxy.acme.com:3128), or add the host to NO_PROXY',
  });
}

/** In the order in which `proxy-from-env` reads them. */
function variableFor(protocol: string): string {
  const names = [protocol, 'all']
    .map((name) => `${name}_proxy`)
    .flatMap((name) => [name, name.toUpperCase()]);
  return names.find((name) => process.env[name]) ?? 'HTTPS_PROXY';
}
