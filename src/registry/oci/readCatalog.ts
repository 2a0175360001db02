import { isNameComponent } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HttpClient } from '../http/HttpClient';
import type { RepositoryName } from '../Registry';
import { readPages } from './readPages';

/**
 * The repositories under a prefix, ordered: those with exactly two more components, an organization and a repository.
 *
 * @param where the registry
 * @throws RunwrightError RW_REGISTRY_DENIED, RW_REGISTRY_ANSWER where the registry does not tell: many do not
 */
export async function readCatalog(
  http: HttpClient,
  origin: URL,
  prefix: string,
  where: string,
): Promise<RepositoryName[]> {
  const url = new URL('/v2/_catalog', origin);
  const refuse = (code: 'RW_REGISTRY_DENIED' | 'RW_REGISTRY_ANSWER', cause?: unknown) =>
    new RunwrightError(code, {
      where,
      what: 'the registry does not list its repositories, at least not to these credentials',
      hint: 'Name the repository, with its organization: runwright list organization/repository',
      cause,
    });
  // Who is not let in at all, or speaks to something else, has no catalogue to blame.
  const requireAccess = () => http.send({ method: 'GET', url: new URL('/v2/', origin), where });
  const found = await readPages(
    http,
    { method: 'GET', url, scope: 'registry:catalog:*', where },
    'repositories',
  ).catch(async (error: unknown) => {
    const code = RunwrightError.is(error) ? error.code : undefined;
    if (code !== 'RW_REGISTRY_DENIED' && code !== 'RW_REGISTRY_ANSWER') throw error;
    await requireAccess();
    throw refuse(code, error);
  });
  if (found === undefined) {
    await requireAccess();
    throw refuse('RW_REGISTRY_ANSWER');
  }
  const before = prefix === '' ? '' : `${prefix}/`;
  return found
    .filter((path) => path.startsWith(before))
    .map((path) => path.slice(before.length).split('/'))
    .filter((components) => components.length === 2 && components.every(isNameComponent))
    .map(([organization = '', repository = '']) => ({ organization, repository }))
    .sort(byName);
}

function byName(a: RepositoryName, b: RepositoryName): number {
  if (a.organization !== b.organization) return a.organization < b.organization ? -1 : 1;
  return a.repository < b.repository ? -1 : 1;
}
