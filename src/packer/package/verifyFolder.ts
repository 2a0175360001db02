import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../../artifact/Descriptor';
import { CODE_FOLDER } from './layout';
import { corrupt } from './corrupt';
import type { PackageContents } from './PackageContents';
import { MANIFEST_FILE, type RunnerManifest } from '../manifest/RunnerManifest';
import { parseRunnerManifest } from '../manifest/parseRunnerManifest';
import { readFile } from 'node:fs/promises';
import { isMissing } from '../../errors/isMissing';
import { digestOf } from '../../artifact/Digest';

const CHUNK = 1024 * 1024;

/**
 * Checks every file of an opened package against the digest that the package's manifest gives it.
 *
 * @throws RunwrightError RW_PACKAGE_CORRUPT naming the file; an Error with code ENOENT when the folder is not there
 */
export async function verifyFolder(
  directory: string,
  contents: PackageContents,
  where: string,
): Promise<RunnerManifest> {
  const bytes = await readFile(join(directory, MANIFEST_FILE));
  if (digestOf(bytes) !== contents.runnerManifest.digest) {
    throw corrupt(where, contents.runnerManifest, 'the opened file has other bytes');
  }
  const manifest = parseRunnerManifest(bytes, where);
  for (const { path, digest, size } of manifest.code) {
    await verifyFile(join(directory, CODE_FOLDER, path), { mediaType: '', digest, size }, where);
  }
  for (const [path, descriptor] of contents.files) await verifyFile(join(directory, path), descriptor, where);
  return manifest;
}

async function verifyFile(file: string, descriptor: Descriptor, where: string): Promise<void> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw isMissing(cause) ? corrupt(where, descriptor, 'the opened file is missing') : cause;
  });
  if (size !== descriptor.size)
    throw corrupt(where, descriptor, `the opened file has ${size} bytes, not ${descriptor.size}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: CHUNK }), hash);
  if (`sha256:${hash.digest('hex')}` !== descriptor.digest) {
    throw corrupt(where, descriptor, 'the opened file has other bytes');
  }
}
