import { constants } from 'node:fs';
import { access, chmod, copyFile, link } from 'node:fs/promises';
import type { BlobSource } from '../../artifact/BlobSource';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import { streamToFile } from '../../artifact/streamToFile';
import { isMissing } from '../../errors/isMissing';

export interface PlaceOptions {
  readonly executable: boolean;
  /**
   * `share`: a reflink where the file system can, else a hard link to the blob, else a copy. `copy`: never a link, for a
   * folder that is the user's to change.
   */
  readonly mode: 'share' | 'copy';
  readonly signal?: AbortSignal | undefined;
}

const READ_ONLY = 0o444;
const READ_ONLY_EXECUTABLE = 0o555;

/**
 * Puts a blob at `target`, read-only. Digests are checked over the whole folder by whoever opens the package.
 *
 * @throws RunwrightError RW_PACKAGE_CORRUPT when the blob is missing; and what the file system throws
 */
export async function placeFile(
  source: BlobSource,
  descriptor: Descriptor,
  target: string,
  { executable, mode, signal }: PlaceOptions,
): Promise<void> {
  const blob = source.localPath(descriptor);
  // A hard link shares its mode with the blob, so an executable needs bytes of its own.
  if (blob !== undefined && mode === 'share' && !executable && (await share(blob, target))) return;
  if (blob !== undefined) await copy(blob, descriptor, target);
  else await streamToFile(await source.stream(descriptor), target, { flags: 'wx', signal });
  await chmod(target, executable ? READ_ONLY_EXECUTABLE : READ_ONLY);
}

async function copy(blob: string, descriptor: Descriptor, target: string): Promise<void> {
  try {
    await copyFile(blob, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  } catch (error) {
    // One error code for both ends: which of them is missing must be asked.
    const blobError: unknown = await access(blob).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (isMissing(blobError)) throw corruptBlob(blob, descriptor, 'it is missing', error);
    throw error;
  }
}

async function share(blob: string, target: string): Promise<boolean> {
  const reflink = copyFile(blob, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
  if (await succeeds(reflink)) {
    await chmod(target, READ_ONLY);
    return true;
  }
  return succeeds(link(blob, target));
}

async function succeeds(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}
