import { constants, createWriteStream } from 'node:fs';
import { chmod, copyFile, link } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { BlobSource } from '../../artifact/BlobSource';
import type { Descriptor } from '../../artifact/Descriptor';

export interface PlaceOptions {
  readonly executable: boolean;
  /**
   * `share`: a reflink where the file system can, else a hard link to the blob, else a copy. `copy`: never a link, for a
   * folder that is the user's to change.
   */
  readonly mode: 'share' | 'copy';
}

const READ_ONLY = 0o444;
const READ_ONLY_EXECUTABLE = 0o555;

/** Puts a blob at `target`, read-only. Digests are checked over the whole folder by whoever opens the package. */
export async function placeFile(
  source: BlobSource,
  descriptor: Descriptor,
  target: string,
  { executable, mode }: PlaceOptions,
): Promise<void> {
  const blob = source.localPath(descriptor);
  // A hard link shares its mode with the blob, so an executable needs bytes of its own.
  if (blob !== undefined && mode === 'share' && !executable && (await share(blob, target))) return;
  if (blob !== undefined) await copyFile(blob, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  else await pipeline(await source.stream(descriptor), createWriteStream(target, { flags: 'wx' }));
  await chmod(target, executable ? READ_ONLY_EXECUTABLE : READ_ONLY);
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
