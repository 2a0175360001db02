import { RunwrightError } from '../../errors/RunwrightError';
import { describeTarget } from './describeTarget';
import type { HttpRequest } from './HttpRequest';
import type { HttpResponse } from './HttpResponse';
import { resolveUrl } from './resolveUrl';

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** They are for the one who was asked alone. */
const PRIVATE: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * What an answer makes of a request (RFC 9110, 15.4). 307 and 308 keep the method and the body; 303 makes it GET; 301 and 302 are
 * followed for GET and HEAD alone, as what becomes of the others is not settled.
 *
 * @returns `undefined` when it is no redirect
 * @throws RunwrightError RW_REGISTRY_ANSWER (one that must not be followed)
 */
export function followRedirect(
  request: HttpRequest,
  { status, headers }: Pick<HttpResponse, 'status' | 'headers'>,
): HttpRequest | undefined {
  const { location } = headers;
  if (!REDIRECTS.includes(status) || location === undefined) return undefined;
  const { method } = request;
  const url = nextUrl(request, location);
  const asIs = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
  if (!asIs && status !== 303) {
    throw refuse(
      request,
      `was redirected with status ${status}, which does not say whether to send it again`,
      `Name the registry by its new address, at ${url.host}`,
    );
  }
  const kept = Object.entries(request.headers ?? {}).filter(
    ([name]) =>
      (url.origin === request.url.origin || !PRIVATE.includes(name)) &&
      (asIs || !name.startsWith('content-')),
  );
  return {
    ...request,
    url,
    headers: Object.fromEntries(kept),
    ...(asIs ? {} : { method: 'GET', body: undefined }),
  };
}

function nextUrl(request: HttpRequest, location: string): URL {
  const url = resolveUrl(location, request.url);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw refuse(
      request,
      'was redirected to what is no http or https URL',
      'Look at how the registry is set up',
    );
  }
  if (request.url.protocol === 'https:' && url.protocol === 'http:') {
    throw refuse(
      request,
      `was redirected from https to plain http, at ${url.host}`,
      'Set the registry up to name its https address',
    );
  }
  url.hash = '';
  return url;
}

function refuse({ method, url, where }: HttpRequest, what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_REGISTRY_ANSWER', {
    where,
    what: `${describeTarget(method, url)} ${what}`,
    hint,
  });
}
