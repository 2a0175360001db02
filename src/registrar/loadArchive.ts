import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import { loadModel } from './loadModel';
import { loadPackage, type LoadOptions } from './loadPackage';
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
  return withArchive(file, (source) => loadPackage<I, O>(source, options, loadModel));
}
