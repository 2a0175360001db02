import { asRecord } from '../../artifact/asRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HttpClient } from '../http/HttpClient';
import type { HttpRequest } from '../http/HttpRequest';
import { resolveUrl } from '../http/resolveUrl';

/** What is asked for at once; a registry may give less. */
const PAGE = 1000;

/** Bytes of one page: some registries give all that they have at once, whatever is asked for. */
const LARGEST_PAGE = 64 * 1024 * 1024;

/** Names of a whole list. */
const MOST = 1_000_000;

/**
 * A list of names that a registry gives in pages: its tags or its repositories.
 *
 * @param key the member of the answer that holds the names
 * @returns `undefined` when the first page is answered with 404
 * @throws RunwrightError RW_REGISTRY_ANSWER (no such list, or one without an end), and what `HttpClient.send` throws
 */
export async function readPages(
  http: HttpClient,
  request: HttpRequest,
  key: 'tags' | 'repositories',
): Promise<string[] | undefined> {
  const names = new Set<string>();
  const first = new URL(request.url);
  first.searchParams.set('n', String(PAGE));
  for (let url: URL | undefined = first; url !== undefined;) {
    const accept = url === first ? [200, 404] : [200];
    const answer = await http.send({ ...request, url, accept, maxBytes: LARGEST_PAGE });
    if (answer.status === 404) return undefined;
    const page = parsePage(answer.body, key);
    if (page === undefined) throw strange(request.where, `the answer has no list \`${key}\``);
    const before = names.size;
    for (const name of page) names.add(name);
    if (names.size > MOST) throw strange(request.where, `the list has more than ${MOST} names`);
    url = nextPage(answer.headers.link, url, request.where);
    // Names may not be asked of another host, whose word they are not.
    if (url !== undefined && url.origin !== first.origin) {
      throw strange(request.where, 'the next page of the list is on another host');
    }
    if (url !== undefined && names.size === before) {
      throw strange(request.where, 'a page of the list has nothing new, and another one is to follow');
    }
  }
  return [...names];
}

/** A repository without tags has `null` for a list at some registries. */
function parsePage(body: Buffer, key: string): string[] | undefined {
  try {
    const page = asRecord(JSON.parse(body.toString()))[key];
    if (page === null) return [];
    return Array.isArray(page) && page.every((name) => typeof name === 'string') ? page : undefined;
  } catch {
    return undefined;
  }
}

/** `Link: </v2/iris/tags/list?n=1000&last=7>; rel="next"` */
function nextPage(link: string | string[] | undefined, base: URL, where: string): URL | undefined {
  const [, target] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(link ?? '')) ?? [];
  if (target === undefined) return undefined;
  const url = resolveUrl(target, base);
  if (url === undefined) throw strange(where, 'the next page of the list is named by what is no URL');
  return url;
}

function strange(where: string, what: string): RunwrightError {
  return new RunwrightError('RW_REGISTRY_ANSWER', {
    where,
    what,
    hint: 'Check that the address is that of an OCI registry',
  });
}
