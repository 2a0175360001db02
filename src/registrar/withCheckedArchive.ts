import { resolve } from 'node:path';
import type { Digest } from '../artifact/Digest';
import { LayoutBlobSource } from '../artifact/LayoutBlobSource';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import { unpackArchive } from '../packer/archive/unpackArchive';
import type { RunnerManifest } from '../packer/manifest/RunnerManifest';
import { checkArchive } from './checkArchive';
import type { OpenRunnerOptions } from './openRunner';
import { withTemporaryFolder } from './withTemporaryFolder';

/** An archive whose every byte was checked, unpacked. */
export interface CheckedArchive {
  readonly manifest: Buffer;
  readonly digest: Digest;
  readonly runnerManifest: RunnerManifest;
  readonly blobs: LayoutBlobSource;
  /** Absolute path of the archive, for messages. */
  readonly where: string;
}

export interface CheckArchiveOptions extends Omit<OpenRunnerOptions, 'onProgress'> {
  /** Path of an archive that `runwright build` wrote. */
  readonly file: string;
}

/**
 * Unpacks an archive and loads its code once in a process of its own, for as long as `use` runs.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE,
 *   RW_REQUIREMENT_INSTALL, RW_PACKAGE_CHECK_FAILED, RW_ABORTED, RW_IO
 */
export async function withCheckedArchive<T>(
  { file, cache, allowScripts, signal }: CheckArchiveOptions,
  use: (archive: CheckedArchive) => Promise<T>,
): Promise<T> {
  const where = resolve(file);
  return withTemporaryFolder(async (folder) => {
    const { manifest, manifestDigest: digest } = await unpackArchive(where, folder);
    const blobs = new LayoutBlobSource(folder);
    refuseAborted(signal, where);
    const runnerManifest = await checkArchive({ manifest, blobs, where }, { cache, allowScripts, signal });
    requireModel(runnerManifest, where);
    refuseAborted(signal, where);
    return use({ manifest, digest, runnerManifest, blobs, where });
  });
}

/** A package that nobody could load is refused, as `registerModel` refuses to make it. */
function requireModel({ model, runner, artifacts }: RunnerManifest, where: string): void {
  if (model.format !== 'none' || (runner.stages.load && artifacts.length > 0)) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where,
    what: 'the package holds no model, and no artifacts that a @Load() could make one of',
    hint: 'Build it with --model, or with --artifact for a runner that has a @Load() method',
  });
}
