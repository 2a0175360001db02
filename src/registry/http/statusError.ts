import { RunwrightError } from '../../errors/RunwrightError';
import { DeniedError } from './DeniedError';
import type { HttpResponse } from './HttpResponse';
import { retryAfter } from './retryAfter';
import { UnavailableError } from './UnavailableError';

/** Passing troubles of a server (RFC 9110, 15; RFC 6585, 4; RFC 8470, 5.2). */
const PASSING: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

const HINTS: Readonly<Record<number, string>> = {
  404: 'Check the address of the registry, and that its user may see this repository',
  405: 'Check the address: what answers there does not let this be done',
  413: 'Raise the limit of size of the registry, or of the proxy in front of it',
  507: 'Free some space at the registry',
};

export interface Refusal extends Pick<HttpResponse, 'status' | 'headers' | 'url'> {
  readonly where: string;
  /** The request, as `describeTarget` gives it. */
  readonly target: string;
  /** Whether it came from the service itself, and not from one that it sent us on to. */
  readonly own: boolean;
  /** The service's own words. */
  readonly message: string | undefined;
  /** The command that logs in to the service. */
  readonly login?: string | undefined;
}

/** The error for a status that the caller did not expect. */
export function statusError(refusal: Refusal): RunwrightError {
  const { status, headers, url, where, target, own, message, login = 'runwright login' } = refusal;
  const what = `${target} was answered with status ${status}${message === undefined ? '' : ` (${message})`}`;
  if (PASSING.includes(status)) {
    const wait = retryAfter(headers);
    return new UnavailableError({
      where,
      what: wait === undefined ? what : `${what}, to be asked again in ${Math.ceil(wait / 1000)} s`,
      hint:
        status === 429
          ? 'The registry is asked too often: wait, or do less at once'
          : 'Wait a while and run it again; when it stays so, look at the log of the registry',
      retryAfter: wait,
    });
  }
  if (status === 407) {
    return new UnavailableError({
      where,
      what: `${what}, by the proxy`,
      hint: 'Put the credentials for the proxy into HTTPS_PROXY or HTTP_PROXY (http://user:password@host:port)',
      passing: false,
    });
  }
  if (status === 401 || status === 403) {
    return new DeniedError(status, {
      where,
      what,
      hint: !own
        ? 'The registry sent us on to there: look at how it is set up'
        : status === 401
          ? `Log in with \`${login}\`, or check that the credentials are right and not expired`
          : `Check that these credentials have the right to do this, or log in with others (\`${login}\`)`,
    });
  }
  // What servers of TLS say to plain http.
  const isPlain = status === 400 && url.protocol === 'http:';
  return new RunwrightError('RW_REGISTRY_ANSWER', {
    where,
    what,
    hint: isPlain
      ? 'Check the address; if the registry speaks https, name it as oci+https://'
      : (HINTS[status] ?? 'Check that the address is that of a registry, and look at its log'),
  });
}
