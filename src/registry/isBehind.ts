import type { ModelFilter, RepositoryName } from './Registry';

/**
 * Whether a model comes behind another one in the order of a listing: organization, repository, number.
 *
 * @param after nothing stands before everything
 */
export function isBehind(
  { organization, repository, number }: RepositoryName & { readonly number: number },
  after: ModelFilter['after'],
): boolean {
  if (after === undefined) return true;
  if (organization !== after.organization) return organization > after.organization;
  if (repository !== after.repository) return repository > after.repository;
  return number > after.number;
}
