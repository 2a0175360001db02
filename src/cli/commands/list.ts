import { formatReference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { listModels } from '../../registrar/listModels';
import type { RegistryOptions } from '../../registrar/RegistryOptions';
import { resolveModel } from '../../registrar/resolveModel';
import { splitReferenceUrl } from '../../registrar/splitReferenceUrl';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatTable } from '../formatTable';
import { listedModel } from '../listedModel';
import { parseRepository } from '../parseRepository';
import { usageError } from '../usageError';

export interface ListFlags {
  readonly limit?: number;
  readonly after?: string;
}

export async function list(
  repository: string | undefined,
  { limit, after }: ListFlags,
  { terminal, registry }: CommandContext,
): Promise<ExitCode> {
  const { registry: url, reference } = splitReferenceUrl(repository ?? '');
  if (url !== undefined && registry.registry !== undefined) {
    throw usageError(
      '--registry',
      'the repository is a URL, which names its registry itself',
      'Leave out one of the two',
    );
  }
  const from = url === undefined ? registry : { ...registry, registry: url };
  const named = repository === undefined ? {} : parseRepository(reference, 'runwright list');
  // One more tells whether there is a next page.
  const found = await listModels({
    ...from,
    ...named,
    after,
    ...(limit !== undefined && { limit: limit + 1 }),
  });
  if (found.length === 0 && repository !== undefined && after === undefined)
    await refuseMissing(repository, registry);
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  const next = found.length > entries.length && last !== undefined ? formatNumber(last) : null;
  const rows = entries.map((entry) => [
    formatNumber(entry),
    entry.digest?.slice(0, 'sha256:'.length + 12) ?? '(reserved)',
    entry.registeredAt ?? '',
    entry.aliases.join(', '),
  ]);
  const table = formatTable([['MODEL', 'DIGEST', 'REGISTERED', 'ALIASES'], ...rows]);
  const isPage = limit !== undefined || after !== undefined;
  await terminal.answer(
    { models: entries.map(listedModel), ...(isPage && { next }) },
    rows.length > 0 ? table : 'no models',
  );
  if (next !== null && !terminal.flags.json) terminal.note(`there are more: --after ${next}`);
  return EXIT.done;
}

function formatNumber({ organization, repository, number }: Parameters<typeof listedModel>[0]): string {
  return formatReference({ organization, repository, number });
}

/** A repository may be there and empty: then there is nothing to refuse. */
async function refuseMissing(repository: string, registry: RegistryOptions): Promise<void> {
  try {
    await resolveModel(repository, registry);
  } catch (error) {
    if (!RunwrightError.is(error) || error.code !== 'RW_MODEL_NOT_SERVABLE') throw error;
  }
}
