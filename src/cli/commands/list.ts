import { parseReference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { listModels } from '../../registrar/listModels';
import type { RegistryOptions } from '../../registrar/RegistryOptions';
import { resolveModel } from '../../registrar/resolveModel';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatTable } from '../formatTable';
import { listedModel } from '../listedModel';
import { usageError } from '../usageError';

export async function list(
  repository: string | undefined,
  { terminal, registry }: CommandContext,
): Promise<ExitCode> {
  const { organizationName = registry.organizationName, repositoryName } = parseRepository(repository);
  const entries = await listModels({ ...registry, organizationName, repositoryName });
  if (entries.length === 0 && repository !== undefined) await refuseMissing(repository, registry);
  const rows = entries.map(({ organization, repository: name, number, digest, registeredAt, aliases }) => [
    `${organization}/${name}:${number}`,
    digest?.slice(0, 'sha256:'.length + 12) ?? '(reserved)',
    registeredAt ?? '',
    aliases.join(', '),
  ]);
  const table = formatTable([['MODEL', 'DIGEST', 'REGISTERED', 'ALIASES'], ...rows]);
  await terminal.answer({ models: entries.map(listedModel) }, rows.length > 0 ? table : 'no models');
  return EXIT.done;
}

/** A repository may be there and empty: then there is nothing to refuse. */
async function refuseMissing(repository: string, registry: RegistryOptions): Promise<void> {
  try {
    await resolveModel(repository, registry);
  } catch (error) {
    if (!RunwrightError.is(error) || error.code !== 'RW_MODEL_NOT_SERVABLE') throw error;
  }
}

function parseRepository(text: string | undefined): { organizationName?: string; repositoryName?: string } {
  if (text === undefined) return {};
  const { organization, repository, number, alias, digest } = parseReference(text);
  if (number !== undefined || alias !== undefined || digest !== undefined) {
    throw usageError(
      'runwright list',
      `"${text}" names one model, and a repository is expected`,
      `Write \`runwright list ${repository}\`, or \`runwright show ${text}\``,
    );
  }
  return {
    ...(organization !== undefined && { organizationName: organization }),
    repositoryName: repository,
  };
}
