import 'reflect-metadata';
import { buildOnnx } from '../../registrar/buildOnnx';
import { buildPackage } from '../../registrar/buildPackage';
import type { CommandContext } from '../CommandContext';
import { entryOptions, type EntryFlags } from '../EntryFlags';
import { EXIT, type ExitCode } from '../ExitCode';
import { parseTarget, refuseUnfitFlags } from '../Target';
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
  const target = parseTarget(entry);
  if (target.kind === 'onnx') refuseUnfitFlags(target, flags);
  const common = { file: flags.output, signal };
  const { file, digest, size } = await withProgress(terminal, (progress) =>
    target.kind === 'onnx'
      ? buildOnnx({ model: entry, ...common, onProgress: drawPhases(progress) })
      : buildPackage({
          ...entryOptions(flags),
          entry,
          ...common,
          onProgress: drawPhases(progress),
          onWarning: terminal.warn,
        }),
  );
  await terminal.answer({ file, digest, size }, `${file} (${formatBytes(size)})\n${digest}`);
  return EXIT.done;
}
