import 'reflect-metadata';
import type { ExecutionOptions } from '../execution/ExecutionOptions';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { LoadModelOptions } from '../registrar/loadModel';
import type { CommandContext } from './CommandContext';
import { entryOptions, type EntryFlags, type LoadFlags } from './EntryFlags';
import { refuseUnfitFlags, type Target } from './Target';
import type { Terminal } from './Terminal';
import { drawTransfer, withProgress } from './withProgress';

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
  const packed = { ...options, allowScripts: flags.allowScripts };
  const handle = await (target.kind === 'archive'
    ? (await import('../registrar/loadArchive.js')).loadArchive(target.path, packed)
    : fetchModel(target.reference, { ...packed, ...registry }, terminal));
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/** With a bar while the package comes from far away. */
async function fetchModel(
  reference: string,
  options: LoadModelOptions,
  terminal: Terminal,
): Promise<RunnerHandle> {
  const { loadModel } = await import('../registrar/loadModel.js');
  return withProgress(terminal, (progress) =>
    loadModel(reference, { ...options, onProgress: drawTransfer(progress, 'fetch') }),
  );
}
