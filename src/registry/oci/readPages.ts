import { asRecord } from '../../artifact/asRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HttpClient } from '../http/HttpClient';
import type { HttpRequest } from '../http/HttpRequest';

/** What is asked for at once; a registry may give less. */
const PAGE = 1000;

/**
 * A list of names that a registry gives in pages: its tags or its repositories.
 *
 * @param key the member of the answer that holds the names
 * @returns `undefined` when the first page is answered with 404
 * @throws RunwrightError RW_REGISTRY_ANSWER (no such list), and what `HttpClient.send` throws
 */
export async function readPages(
  http: HttpClient,
  request: HttpRequest,
  key: 'tags' | 'repositories',
): Promise<string[] | undefined> {
  const names: string[] = [];
  const first = new URL(request.url);
  first.searchParams.set('n', String(PAGE));
  const asked = new Set<string>();
  for (let url: URL | undefined = first; url !== undefined;) {
    asked.add(url.href);
    const accept = asked.size === 1 ? [200, 404] : [200];
    const answer = await http.send({ ...request, url, accept });
    if (answer.status === 404) return undefined;
    const page = parsePage(answer.body, key);
    if (page === undefined) throw strange(request.where, `the answer has no list \`${key}\``);
    for (const name of page) names.push(name);
    url = nextPage(answer.headers.link, url);
    // Names may not be asked of another host, whose word they are not.
    if (url !== undefined && (url.origin !== first.origin || asked.has(url.href))) {
      throw strange(
        request.where,
        'the next page of the list is on another host, or is one that was there before',
      );
    }
  }
  return names;
}

/** A repository without tags has `null` for a list at some registries. */
function parsePage(body: Buffer, key: string): string[] | undefined {
  try {
    const page = asRecord(JSON.parse(body.toString()))[key] ?? [];
    return Array.isArray(page) && page.every((name) => typeof name === 'string') ? page : undefined;
  } catch {
    return undefined;
  }
}

/** `Link: </v2/iris/tags/list?n=1000&last=7>; rel="next"` */
function nextPage(link: string | string[] | undefined, base: URL): URL | undefined {
  const [, target] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(link ?? '')) ?? [];
  return target === undefined ? undefined : new URL(target, base);
}

function strange(where: string, what: string): RunwrightError {
  return new RunwrightError('RW_REGISTRY_ANSWER', {
    where,
    what,
    hint: 'Check that the address is that of an OCI registry',
  });
}
