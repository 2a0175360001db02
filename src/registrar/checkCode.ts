import { dirname } from 'node:path';
import type { ManifestRunner } from '../packer/manifest/RunnerManifest';
import { checkPackage } from './checkPackage';
import type { RunnerWanted } from './findRunnerExport';
import type { PreparedCode } from './prepareCode';
import { stageCode } from './stageCode';
import { withTemporaryFolder } from './withTemporaryFolder';

/** What a scan of the packed bytes finds, in a process of their own. @throws RunwrightError; see `checkPackage` */
export function checkCode(
  { entry, bundle }: PreparedCode,
  wanted: RunnerWanted,
  signal?: AbortSignal,
): Promise<ManifestRunner> {
  return withTemporaryFolder(async (folder) => {
    const codeFile = await stageCode(bundle, dirname(entry), folder);
    return checkPackage({ codeFile, wanted, entry }, signal);
  });
}
