import { inspectRegistry, type RegistryInspection } from '../../registry/inspectRegistry';
import type { CommandContext } from '../CommandContext';
import { errorDocument } from '../errorDocument';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatError } from '../formatError';
import { formatTable } from '../formatTable';

const REASONS: Readonly<Record<RegistryInspection['reason'], string>> = {
  option: '--registry names it',
  RUNWRIGHT_REGISTRY: 'RUNWRIGHT_REGISTRY names it',
  default: 'it is the default',
};

const ABSENT = 'does not exist yet; the first writing makes it';

/** Which registry is used and why, and whether it answers. */
export async function registry({ terminal, signal, registry }: CommandContext): Promise<ExitCode> {
  const { registry: named, organizationName: organization } = registry;
  const url = typeof named === 'object' ? named.url : named;
  const { fault, answers, ...found } = await inspectRegistry(url, { organization, signal });
  const rows = [
    ['registry', found.url],
    ['kind', found.kind],
    ['why', REASONS[found.reason]],
    ['organization', found.organization],
    ['credentials', found.credentials ?? (found.kind === 'folder' ? '' : 'none')],
    ['user', found.username ?? ''],
    ['answers', answers ? 'yes' : fault === null ? ABSENT : 'no'],
  ];
  if (fault !== null) terminal.complain(formatError(fault, terminal.flags.verbose));
  await terminal.answer(
    { ...found, answers, error: fault === null ? null : errorDocument(fault) },
    formatTable(rows.filter(([, value]) => value !== '')),
  );
  return fault === null ? EXIT.done : EXIT.failed;
}
