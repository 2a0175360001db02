import { dirname } from 'node:path';
import type { BundleWarning } from '../packer/bundle/Bundle';
import { entryPath } from './entryPath';
import type { RunnerWanted } from './findRunnerExport';
import { inspectCode, type InspectedCode } from './inspectCode';
import { loadModel } from './loadModel';
import { prepareCode, type PreparedCode } from './prepareCode';
import { stageCode } from './stageCode';
import { withTemporaryFolder } from './withTemporaryFolder';

export interface EntryOptions extends RunnerWanted {
  readonly entry: string | URL;
  readonly requirements?: readonly string[] | undefined;
  readonly onWarning?: ((warning: BundleWarning) => void) | undefined;
}

/**
 * Bundles an entry and imports it into this process, for programs that start from a file instead of a class. The bundle
 * stands while `work` runs.
 */
export async function withEntry<T>(
  { entry, requirements = [], onWarning, ...wanted }: EntryOptions,
  work: (code: PreparedCode, inspected: InspectedCode) => Promise<T>,
): Promise<T> {
  const code = await prepareCode(entryPath(entry), requirements, onWarning);
  return withTemporaryFolder(async (folder) => {
    const codeFile = await stageCode(code.bundle, dirname(code.entry), folder);
    return work(code, await inspectCode(codeFile, wanted, code.entry, loadModel));
  });
}
