/** Shorter ones are left: hiding them would garble every message, and they are no secrets. */
const SHORTEST = 4;

/** What was sent and must never be shown, longest first: the parts of the authorizer's headers, and the values of the query. */
export function secretsOf(proof: Readonly<Record<string, string>>, url: URL): string[] {
  const sent = Object.values(proof).flatMap((value) => [value, ...value.split(/[\s,]+/).flatMap(readings)]);
  const queried = [...url.searchParams.values()];
  return [...new Set([...sent, ...queried])]
    .filter((secret) => secret.length >= SHORTEST && !/^(basic|bearer|token)$/i.test(secret))
    .sort((a, b) => b.length - a.length);
}

/** A part as it is, and the name and password that it holds when it is that of Basic. */
function readings(part: string): string[] {
  const pair = Buffer.from(part, 'base64').toString();
  const colon = pair.indexOf(':');
  return colon < 0 ? [part] : [part, pair, pair.slice(colon + 1)];
}
