import 'reflect-metadata';
import type { CommandContext } from '../CommandContext';
import type { Check } from '../doctor/Check';
import { checkFolders } from '../doctor/checkFolders';
import { checkLibraries } from '../doctor/checkLibraries';
import { checkPrograms } from '../doctor/checkPrograms';
import { checkToolchain } from '../doctor/checkToolchain';
import { checkTsconfig } from '../doctor/checkTsconfig';
import { findProject } from '../doctor/Project';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatTable } from '../formatTable';
import { withoutControls } from '../withoutControls';

export interface DoctorFlags {
  readonly class?: string;
}

export async function doctor(
  entry: string | undefined,
  flags: DoctorFlags,
  { terminal, registry }: CommandContext,
): Promise<ExitCode> {
  const from = process.cwd();
  const project = findProject(from);
  const checks = [
    ...(await checkPrograms()),
    ...(await checkLibraries(project)),
    ...(await checkTsconfig(project, from)),
    ...(await checkToolchain(project)),
    ...(await checkFolders(registry)),
  ];
  if (entry !== undefined) {
    const { checkEntry } = await import('../doctor/checkEntry.js');
    checks.push(...(await checkEntry({ entry, exportName: flags.class })));
  }
  const isOk = checks.every(({ status }) => status !== 'failed');
  await terminal.answer({ ok: isOk, checks }, describe(checks));
  return isOk ? EXIT.done : EXIT.failed;
}

function describe(checks: readonly Check[]): string {
  const found = checks.map((check) => check.found.split('\n'));
  const table = formatTable(checks.map(({ status, name }, at) => [status, name, found[at]?.[0] ?? '']));
  const rows = table.split('\n');
  return checks
    .flatMap(({ fix }, at) => [
      rows[at],
      ...(found[at] ?? []).slice(1).map((line) => `  ${withoutControls(line)}`),
      ...(fix === undefined ? [] : [`  fix: ${fix}`]),
    ])
    .join('\n');
}
