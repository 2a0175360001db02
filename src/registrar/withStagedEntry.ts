import { dirname } from 'node:path';
import type { BundleWarning } from '../packer/bundle/Bundle';
import { entryPath } from './entryPath';
import type { RunnerWanted } from './findRunnerExport';
import { prepareCode, type PreparedCode } from './prepareCode';
import { stageCode } from './stageCode';
import { withTemporaryFolder } from './withTemporaryFolder';

export interface EntryOptions extends RunnerWanted {
  readonly entry: string | URL;
  readonly requirements?: readonly string[] | undefined;
  readonly onWarning?: ((warning: BundleWarning) => void) | undefined;
}

/**
 * Bundles an entry, for programs that start from a file instead of a class. Nothing of it has run yet.
 *
 * @param work gets the absolute path of the bundle, which stands while this runs
 */
export async function withStagedEntry<T>(
  { entry, requirements = [], onWarning }: Omit<EntryOptions, keyof RunnerWanted>,
  work: (code: PreparedCode, codeFile: string) => Promise<T>,
): Promise<T> {
  const code = await prepareCode(entryPath(entry), requirements, onWarning);
  return withTemporaryFolder(async (folder) =>
    work(code, await stageCode(code.bundle, dirname(code.entry), folder)),
  );
}
