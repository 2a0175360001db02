import 'reflect-metadata';
import type { RegisteredModel } from '../../registrar/RegisterModelOptions';
import type { CommandContext } from '../CommandContext';
import { entryOptions, type EntryFlags, type LoadFlags } from '../EntryFlags';
import { EXIT, type ExitCode } from '../ExitCode';
import { parseTarget, refuseUnfitFlags } from '../Target';
import { usageError } from '../usageError';
import { drawPhases, withProgress } from '../withProgress';

export interface RegisterFlags extends EntryFlags, LoadFlags {
  readonly repository: string;
  readonly modelNumber?: number;
}

export async function register(
  source: string,
  flags: RegisterFlags,
  { terminal, signal, registry }: CommandContext,
): Promise<ExitCode> {
  const target = parseTarget(source);
  if (target.kind === 'reference') {
    throw usageError(
      'runwright register',
      `"${source}" is neither a module nor an archive nor an ONNX file`,
      'Name the module that exports the runner class, for example ./iris.runner.ts, or a file that `runwright build` wrote',
    );
  }
  refuseUnfitFlags(target, flags);
  const model = await withProgress(terminal, async (progress): Promise<RegisteredModel> => {
    const options = {
      ...registry,
      repositoryName: flags.repository,
      modelNumber: flags.modelNumber ?? null,
      signal,
      logger: terminal.logger,
      onProgress: drawPhases(progress),
      onWarning: terminal.warn,
    };
    if (target.kind === 'archive') {
      const { registerArchive } = await import('../../registrar/registerArchive.js');
      return registerArchive({ ...options, file: target.path, allowScripts: flags.allowScripts });
    }
    if (target.kind === 'onnx') {
      const { registerOnnxFile } = await import('../../registrar/registerOnnxFile.js');
      return registerOnnxFile({ ...options, file: target.path });
    }
    const { registerEntry } = await import('../../registrar/registerEntry.js');
    return registerEntry({
      ...options,
      ...entryOptions(flags),
      entry: target.path,
    });
  });
  const { organization, repository, number, digest, reference } = model;
  await terminal.answer(
    { organization, repository, number, digest, reference },
    `registered ${reference}\n${digest}`,
  );
  return EXIT.done;
}
