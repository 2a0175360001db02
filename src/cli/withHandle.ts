import 'reflect-metadata';
import type { ExecutionOptions } from '../execution/ExecutionOptions';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { CommandContext } from './CommandContext';
import { entryOptions, type EntryFlags, type LoadFlags } from './EntryFlags';
import { refuseUnfitFlags, type Target } from './Target';

export interface LoadingOptions extends ExecutionOptions {
  /** Inputs that are run before the handle is ready. */
  readonly warmUp?: readonly unknown[] | undefined;
}

/**
 * Loads what an argument names, for as long as `use` runs.
 *
 * @param loading where it works, in this thread by default, and what is run first
 */
export async function withHandle<T>(
  target: Target,
  flags: EntryFlags & LoadFlags,
  { registry, signal, terminal }: CommandContext,
  use: (handle: RunnerHandle) => Promise<T>,
  loading: LoadingOptions = {},
): Promise<T> {
  refuseUnfitFlags(target, flags);
  const { logger } = terminal;
  const options = { ...loading, logger, signal };
  if (target.kind === 'entry') {
    const { withEntryRunner } = await import('../registrar/withEntryRunner.js');
    return withEntryRunner(
      { ...options, ...entryOptions(flags), entry: target.path, onWarning: terminal.warn },
      use,
    );
  }
  if (target.kind === 'onnx') {
    const { withOnnxFile } = await import('../registrar/withOnnxFile.js');
    return withOnnxFile({ ...options, file: target.path }, use);
  }
  const { allowScripts } = flags;
  const handle = await (target.kind === 'archive'
    ? (await import('../registrar/loadArchive.js')).loadArchive(target.path, { ...options, allowScripts })
    : (await import('../registrar/loadModel.js')).loadModel(target.reference, {
        ...options,
        ...registry,
        allowScripts,
      }));
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}
