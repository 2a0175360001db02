import 'reflect-metadata';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { CommandContext } from './CommandContext';
import { entryOptions, type EntryFlags, type LoadFlags } from './EntryFlags';
import { refuseUnfitFlags, type Target } from './Target';

/** Loads what an argument names, for as long as `use` runs. */
export async function withHandle<T>(
  target: Target,
  flags: EntryFlags & LoadFlags,
  { registry, signal, terminal }: CommandContext,
  use: (handle: RunnerHandle) => Promise<T>,
): Promise<T> {
  refuseUnfitFlags(target, flags);
  const { logger } = terminal;
  if (target.kind === 'entry') {
    const { withEntryRunner } = await import('../registrar/withEntryRunner.js');
    const options = { ...entryOptions(flags), entry: target.path, logger, onWarning: terminal.warn };
    return withEntryRunner(options, use);
  }
  const { allowScripts } = flags;
  const handle = await (target.kind === 'archive'
    ? (await import('../registrar/loadArchive.js')).loadArchive(target.path, { allowScripts, logger, signal })
    : (await import('../registrar/loadModel.js')).loadModel(target.reference, {
        ...registry,
        allowScripts,
        logger,
        signal,
      }));
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}
