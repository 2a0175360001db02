import type { PreparedCode } from './prepareCode';
import { inspectCode, type InspectedCode } from './inspectCode';
import { loadModel } from './loadModel';
import { withStagedEntry, type EntryOptions } from './withStagedEntry';

/** Bundles an entry and imports it into this process. The bundle stands while `work` runs. */
export async function withEntry<T>(
  { exportName, runnerName, ...options }: EntryOptions,
  work: (code: PreparedCode, inspected: InspectedCode) => Promise<T>,
): Promise<T> {
  return withStagedEntry(options, async (code, codeFile) =>
    work(code, await inspectCode(codeFile, { exportName, runnerName }, code.entry, loadModel)),
  );
}
