import { RunwrightError } from '../../errors/RunwrightError';
import { isLoopback } from '../isLoopback';

/**
 * The proxy that the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case) names for a URL.
 * A loopback host is never asked for through one.
 *
 * @throws RunwrightError RW_OPTION_INVALID when it is no http or https URL; the message does not repeat it, as it may hold a password
 */
export async function proxyFor(url: URL): Promise<URL | undefined> {
  if (isLoopback(url.hostname)) return undefined;
  const { getProxyForUrl } = await import('proxy-from-env');
  const named = getProxyForUrl(url.origin);
  if (named === '') return undefined;
  const proxy = URL.canParse(named) ? new URL(named) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: `${url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'} (or ALL_PROXY)`,
    what: `the proxy is ${proxy === undefined ? 'no URL' : `a "${proxy.protocol}" one`}`,
    hint: 'Name an http proxy (http://proxy.acme.com:3128), or add the host to NO_PROXY',
  });
}
