import type { HttpRequest } from './HttpRequest';

/** Shorter ones are left: hiding them would garble every message, and they are no secrets. */
const SHORTEST = 4;

const FORM = 'application/x-www-form-urlencoded';

/**
 * What was sent and must never be shown, longest first: the parts of the authorizer's headers, and the values of the query and
 * of a form.
 */
export function secretsOf(
  proof: Readonly<Record<string, string>>,
  { url, headers, body }: Pick<HttpRequest, 'url' | 'headers' | 'body'>,
): string[] {
  const form =
    headers?.['content-type'] === FORM && body instanceof Uint8Array ? String(Buffer.from(body)) : '';
  const sent = Object.values(proof).flatMap((value) => [value, ...value.split(/[\s,]+/).flatMap(readings)]);
  return [...new Set([...sent, ...valuesOf(url.search.slice(1)), ...valuesOf(form)])]
    .filter((secret) => secret.length >= SHORTEST && !/^(basic|bearer|token)$/i.test(secret))
    .sort((a, b) => b.length - a.length);
}

/** The values of a query, as they are written and as they are meant. */
function valuesOf(query: string): string[] {
  const written = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [...written, ...new URLSearchParams(query).values()];
}

/** A part as it is, and the name and password that it holds when it is that of Basic. */
function readings(part: string): string[] {
  const pair = Buffer.from(part, 'base64').toString();
  const colon = pair.indexOf(':');
  return colon < 0 ? [part] : [part, pair, pair.slice(colon + 1)];
}
