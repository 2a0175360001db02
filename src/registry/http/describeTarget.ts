/** A request for messages: method, host and path. A query may hold a signature, and the rest of the URL a password. */
export function describeTarget(method: string, url: URL): string {
  return `${method} ${url.protocol}//${url.host}${url.pathname}`;
}
