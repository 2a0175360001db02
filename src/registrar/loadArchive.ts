import type { ExecutionOptions } from '../execution/ExecutionOptions';
import { planExecution } from '../execution/planExecution';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import { loadModel } from './loadModel';
import { loadPackage, type LoadOptions } from './loadPackage';
import { refuseDamaged } from './refuseDamaged';
import { withArchive } from './withArchive';

/**
 * Checks every byte of an archive that `runwright build` wrote, and loads it: in this thread, or in workers
 * (`execution`).
 *
 * @throws RunwrightError; as `loadModel` does for a package
 */
export function loadArchive<I = unknown, O = unknown>(
  file: string,
  options: LoadOptions & ExecutionOptions = {},
): Promise<RunnerHandle<I, O>> {
  const plan = planExecution('loadArchive', options);
  return withArchive(file, async (source) => {
    // The cache may hold this very package: that does not make a damaged file a good one.
    await refuseDamaged(source, options.signal);
    return loadPackage<I, O>(source, options, plan, loadModel);
  });
}
