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
  const found = await readPages(
    http,
    { method: 'GET', url, scope: 'registry:catalog:*', where },
    'repositories',
  ).catch((error: unknown) => {
    const code = RunwrightError.is(error) ? error.code : undefined;
    throw code === 'RW_REGISTRY_DENIED' || code === 'RW_REGISTRY_ANSWER' ? refuse(code, error) : error;
  });
  if (found === undefined) throw refuse('RW_REGISTRY_ANSWER');
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
