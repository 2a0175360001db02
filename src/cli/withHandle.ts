import 'reflect-metadata';
import type { ExecutionOptions } from '../execution/ExecutionOptions';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { CommandContext } from './CommandContext';
import { entryOptions, type EntryFlags, type LoadFlags } from './EntryFlags';
import { refuseUnfitFlags, type Target } from './Target';

/**
 * Loads what an argument names, for as long as `use` runs.
 *
 * @param execution where it works; in this thread by default
 */
export async function withHandle<T>(
  target: Target,
  flags: EntryFlags & LoadFlags,
  { registry, signal, terminal }: CommandContext,
  use: (handle: RunnerHandle) => Promise<T>,
  execution: ExecutionOptions = {},
): Promise<T> {
  refuseUnfitFlags(target, flags);
  const { logger } = terminal;
  const options = { ...execution, logger, signal };
  if (target.kind === 'entry') {
    const { withEntryRunner } = await import('../registrar/withEntryRunner.js');
    return withEntryRunner(
      { ...options, ...entryOptions(flags), entry: target.path, onWarning: terminal.warn },
      use,
    );
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
