import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import { loadModel } from './loadModel';
import { loadPackage, type LoadOptions } from './loadPackage';
import { refuseDamaged } from './refuseDamaged';
import { withArchive } from './withArchive';

/**
 * Checks every byte of an archive that `runwright build` wrote, and loads it in this process.
 *
 * @throws RunwrightError; as `loadModel` does for a package
 */
export function loadArchive<I = unknown, O = unknown>(
  file: string,
  options: LoadOptions = {},
): Promise<RunnerHandle<I, O>> {
  return withArchive(file, async (source) => {
    // The cache may hold this very package: that does not make a damaged file a good one.
    await refuseDamaged(source, options.signal);
    return loadPackage<I, O>(source, options, loadModel);
  });
}
