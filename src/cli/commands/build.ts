import 'reflect-metadata';
import { buildPackage } from '../../registrar/buildPackage';
import type { CommandContext } from '../CommandContext';
import { entryOptions, type EntryFlags } from '../EntryFlags';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatBytes } from '../formatBytes';
import { drawPhases, withProgress } from '../withProgress';

export interface BuildFlags extends EntryFlags {
  readonly output?: string;
}

export async function build(
  entry: string,
  flags: BuildFlags,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const { file, digest, size } = await withProgress(terminal, (progress) =>
    buildPackage({
      ...entryOptions(flags),
      entry,
      file: flags.output,
      signal,
      onProgress: drawPhases(progress),
      onWarning: terminal.warn,
    }),
  );
  await terminal.answer({ file, digest, size }, `${file} (${formatBytes(size)})\n${digest}`);
  return EXIT.done;
}
