import { formatReference, parseReference } from '../artifact/Reference';
import { checkOptions } from '../errors/checkOptions';
import { RunwrightError } from '../errors/RunwrightError';
import { openRegistry } from '../registry/openRegistry';
import type { ModelEntry, ModelFilter } from '../registry/Registry';
import type { RegistryOptions } from './RegistryOptions';

export interface ListModelsOptions extends RegistryOptions {
  readonly repositoryName?: string | undefined;
  /** Reference of the last model of the page before, such as `acme/iris:3`: only those behind it are given. */
  readonly after?: string | undefined;
  /** Most models to give. Default: all. */
  readonly limit?: number | undefined;
}

/**
 * Every model number of a registry, or of one repository or organization of it; by pages, where `limit` and `after` say so.
 *
 * @returns ordered by organization, repository, number
 * @throws RunwrightError RW_OPTION_INVALID, RW_REFERENCE_INVALID (`after`), RW_REGISTRY_INVALID, RW_REGISTRY_UNAVAILABLE,
 *   RW_REGISTRY_DENIED, RW_REGISTRY_ANSWER, RW_IO
 * @example
 * const first = await listModels({ repositoryName: 'iris', limit: 100 });
 * const next = await listModels({ repositoryName: 'iris', limit: 100, after: 'acme/iris:100' });
 */
export async function listModels(options: ListModelsOptions = {}): Promise<ModelEntry[]> {
  checkOptions<ListModelsOptions>('listModels', options, {
    repositoryName: 'string',
    registry: 'any',
    organizationName: 'string',
    after: 'string',
    limit: 'count',
  });
  const { repositoryName: repository, organizationName, limit } = options;
  const registry = openRegistry(options.registry, { organization: organizationName });
  const organization =
    organizationName ?? (repository === undefined ? undefined : registry.defaultOrganization);
  const after =
    options.after === undefined ? undefined : parseAfter(options.after, registry.defaultOrganization);
  return registry.listModels({ organization, repository, after, limit });
}

function parseAfter(text: string, defaultOrganization: string): ModelFilter['after'] {
  const { organization = defaultOrganization, repository, number } = parseReference(text);
  if (number !== undefined) return { organization, repository, number };
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'after',
    what: `${formatReference({ organization, repository })} is no model: the number is missing`,
    hint: 'Give the reference of the last model of the page before, such as acme/iris:3',
  });
}
