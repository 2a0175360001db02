import { checkOptions } from '../errors/checkOptions';
import { openRegistry } from '../registry/openRegistry';
import type { ModelEntry } from '../registry/Registry';
import type { RegistryOptions } from './RegistryOptions';

export interface ListModelsOptions extends RegistryOptions {
  readonly repositoryName?: string | undefined;
}

/**
 * Every model number of a registry, or of one repository or organization of it.
 *
 * @returns ordered by organization, repository, number
 * @throws RunwrightError RW_REGISTRY_INVALID, RW_IO
 */
export async function listModels(options: ListModelsOptions = {}): Promise<ModelEntry[]> {
  checkOptions<ListModelsOptions>('listModels', options, {
    repositoryName: 'string',
    registry: 'any',
    organizationName: 'string',
  });
  const { repositoryName: repository, organizationName } = options;
  const registry = openRegistry(options.registry, { organization: organizationName });
  const organization =
    organizationName ?? (repository === undefined ? undefined : registry.defaultOrganization);
  return registry.listModels({ organization, repository });
}
