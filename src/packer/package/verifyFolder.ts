import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import { digestOf } from '../../artifact/digestOf';
import { hashFile } from '../../artifact/hashFile';
import { isMissing } from '../../errors/isMissing';
import { parseRunnerManifest } from '../manifest/parseRunnerManifest';
import { MANIFEST_FILE, type RunnerManifest } from '../manifest/RunnerManifest';
import { CODE_FOLDER } from './layout';
import type { PackageContents } from './PackageContents';

/**
 * Checks every file of an opened package against the digest that the package's manifest gives it.
 *
 * @throws RunwrightError RW_PACKAGE_CORRUPT naming the file, RW_ABORTED, RW_IO; an Error with code ENOENT when the folder is not there
 */
export async function verifyFolder(
  directory: string,
  contents: PackageContents,
  where: string,
  signal?: AbortSignal,
): Promise<RunnerManifest> {
  const bytes = await readFile(join(directory, MANIFEST_FILE));
  if (digestOf(bytes) !== contents.runnerManifest.digest) {
    throw corruptBlob(where, contents.runnerManifest, 'the opened file has other bytes');
  }
  const manifest = parseRunnerManifest(bytes, where);
  for (const { path, digest, size } of manifest.code) {
    await verifyFile(join(directory, CODE_FOLDER, path), { mediaType: '', digest, size }, where, signal);
  }
  for (const [path, descriptor] of contents.files)
    await verifyFile(join(directory, path), descriptor, where, signal);
  return manifest;
}

async function verifyFile(
  file: string,
  descriptor: Descriptor,
  where: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw isMissing(cause) ? corruptBlob(where, descriptor, 'the opened file is missing') : cause;
  });
  // What has another size need not be read.
  if (size !== descriptor.size)
    throw corruptBlob(where, descriptor, `the opened file has ${size} bytes, not ${descriptor.size}`);
  if ((await hashFile(file, { signal })).digest !== descriptor.digest) {
    throw corruptBlob(where, descriptor, 'the opened file has other bytes');
  }
}
