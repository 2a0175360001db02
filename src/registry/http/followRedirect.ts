import { RunwrightError } from '../../errors/RunwrightError';
import { describeTarget } from './describeTarget';
import type { HttpRequest } from './HttpRequest';
import type { HttpResponse } from './HttpResponse';

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export interface Redirected {
  readonly method: HttpRequest['method'];
  readonly url: URL;
}

/**
 * Where an answer sends us on to (RFC 9110, 15.4). 307 and 308 keep the method; 303 makes it GET; 301 and 302 are followed for
 * GET and HEAD alone, as what becomes of the others is not settled.
 *
 * @returns `undefined` when it is no redirect
 * @throws RunwrightError RW_REGISTRY_ANSWER (one that must not be followed)
 */
export function followRedirect(
  method: HttpRequest['method'],
  { status, headers, url }: HttpResponse,
  where: string,
): Redirected | undefined {
  const { location } = headers;
  if (!REDIRECTS.includes(status) || location === undefined) return undefined;
  const refuse = (what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_REGISTRY_ANSWER', { where, what: `${describeTarget(method, url)} ${what}`, hint });
  const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (next?.protocol !== 'https:' && next?.protocol !== 'http:') {
    throw refuse('was redirected to what is no http or https URL', 'Look at how the registry is set up');
  }
  if (url.protocol === 'https:' && next.protocol === 'http:') {
    throw refuse(
      `was redirected from https to plain http, at ${next.host}`,
      'Set the registry up to name its https address',
    );
  }
  next.username = '';
  next.password = '';
  next.hash = '';
  if (status === 307 || status === 308 || method === 'GET' || method === 'HEAD') return { method, url: next };
  if (status === 303) return { method: 'GET', url: next };
  throw refuse(
    `was redirected with status ${status}, which does not say whether to send it again`,
    `Name the registry by its new address, at ${next.host}`,
  );
}
