import { isNameComponent } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';
import { openRegistry } from '../registry/openRegistry';
import { checkRepositoryName } from './checkRepositoryName';
import type { CopiedModel } from './CopiedModel';
import { findRegistered } from './findRegistered';
import { publishArchive } from './publishArchive';
import type { RegistrationOptions } from './RegisterModelOptions';
import type { RegistryOptions } from './RegistryOptions';
import { toRegistered } from './toRegistered';
import { withCheckedArchive, type CheckArchiveOptions } from './withCheckedArchive';

export interface PushArchiveOptions
  extends CheckArchiveOptions, RegistryOptions, Pick<RegistrationOptions, 'onProgress'> {
  /** Default: the name of the runner, where it is one that a repository can have. */
  readonly repositoryName?: string | undefined;
}

/**
 * Brings the package of an archive to a registry, under a new number, unless one points at it already: then nothing is made,
 * and that one is the answer. The archive is checked as by `registerArchive`.
 *
 * @throws RunwrightError; as `registerArchive` does
 */
export async function pushArchive(options: PushArchiveOptions): Promise<CopiedModel> {
  const { organizationName, onProgress } = options;
  const registry = openRegistry(options.registry, { organization: organizationName });
  const organization = organizationName ?? registry.defaultOrganization;
  const named =
    options.repositoryName === undefined
      ? undefined
      : checkRepositoryName(options.repositoryName, organization);
  onProgress?.({ phase: 'check' });
  return withCheckedArchive(options, async (archive) => {
    const { digest, runnerManifest, where } = archive;
    const name = named ?? {
      organization,
      repository: repositoryOf(runnerManifest.runner.name, where),
    };
    const known = await findRegistered(registry, name, digest);
    if (known !== undefined) return { ...toRegistered(known, digest), sent: false };
    const target = { registry, name, existing: null, expectedDigest: undefined };
    return { ...(await publishArchive(target, archive, options)), sent: true };
  });
}

function repositoryOf(runnerName: string, where: string): string {
  if (isNameComponent(runnerName)) return runnerName;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'repositoryName',
    what: `it is missing, and the runner of ${where} has a name that a repository cannot have`,
    hint: 'Name the repository: lower-case letters and digits, joined by single ".", "_" or "-"',
  });
}
