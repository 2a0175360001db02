import { checkOptions } from '../errors/checkOptions';
import { openRegistry } from '../registry/openRegistry';
import type { ModelEntry } from '../registry/Registry';
import { checkRepositoryName } from './checkRepositoryName';
import type { RegistryOptions } from './RegistryOptions';

export interface CreateModelOptions extends RegistryOptions {
  /** Made when it does not exist. */
  readonly repositoryName: string;
}

/**
 * Reserves the next number of a repository, to register onto later.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_REGISTRY_INVALID, RW_IO
 * @example
 * const { number } = await createModel({ repositoryName: 'iris' });
 */
export async function createModel(options: CreateModelOptions): Promise<ModelEntry> {
  checkOptions<CreateModelOptions>('createModel', options, {
    repositoryName: 'any',
    registry: 'any',
    organizationName: 'string',
  });
  const registry = openRegistry(options.registry, { organization: options.organizationName });
  const organization = options.organizationName ?? registry.defaultOrganization;
  return registry.createModel(checkRepositoryName(options.repositoryName, organization));
}
