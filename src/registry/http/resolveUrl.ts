/**
 * A URL that a service names, in a header or an answer. A name and a password in it are left out: nobody else says who asks.
 *
 * @param base what a relative one is relative to
 * @returns `undefined` when it is no URL
 */
export function resolveUrl(text: string, base?: URL): URL | undefined {
  if (!URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base);
  url.username = '';
  url.password = '';
  return url;
}
