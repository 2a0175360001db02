import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BlobSource } from '../../artifact/BlobSource';
import { corruptBlob } from '../../artifact/corruptBlob';
import { digestOf } from '../../artifact/digestOf';
import { newOwnerId, OWNER_ID } from '../../artifact/ownerId';
import { parseOciManifest } from '../../artifact/parseOciManifest';
import { removeLeftovers } from '../../artifact/removeLeftovers';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import { readCodeTar } from '../archive/readCodeTar';
import { MANIFEST_FILE, type RunnerManifest } from '../manifest/RunnerManifest';
import { parseRunnerManifest } from '../manifest/parseRunnerManifest';
import { CODE_FOLDER, MODEL_FOLDER } from './layout';
import type { OpenedPackage } from './OpenedPackage';
import type { PackageContents } from './PackageContents';
import { placeFile } from './placeFile';
import { readBlob } from './readBlob';
import { readContents } from './readContents';
import { verifyFolder } from './verifyFolder';

/** Folders beside opened packages: the one that is being made, and the one whose place it took. */
const LEFTOVER = new RegExp(`^\\.(${OWNER_ID})\\.(?:opening|damaged)$`);

/** Milliseconds; longer than any opening. */
const DAY = 24 * 60 * 60 * 1000;

export interface OpenOptions {
  /** The OCI manifest, byte for byte. */
  readonly manifest: Uint8Array;
  readonly blobs: BlobSource;
  /** Where the opened package shall stand. Used as it is when it stands there already and every digest is right. */
  readonly directory: string;
  /** `share` links to local blobs, for a cache; `copy` makes files of the user's own. Default `share`. */
  readonly mode?: 'share' | 'copy';
  /** The reference or file, for messages. */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
  /** Called as blobs that are far away arrive, with how many bytes so far and how many in all. */
  readonly onBytes?: ((bytes: number, total: number) => void) | undefined;
}

/**
 * Opens a package as a folder. Paths are judged before anything is written, and every file is checked against its sha256
 * before this resolves, so whoever runs its code runs what was published. The folder appears as a whole or not at all.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE, RW_ABORTED, RW_IO
 */
export async function openPackage(options: OpenOptions): Promise<OpenedPackage> {
  const { where } = options;
  const directory = resolve(options.directory);
  const contents = readContents(options.manifest, where);
  try {
    refuseAborted(options.signal, where);
    const manifest =
      (await reuse(directory, contents, options)) ?? (await create(directory, contents, options));
    return describe(directory, manifest, options.manifest);
  } catch (cause) {
    refuseAborted(options.signal, where);
    throw ioError(cause, directory, 'open the package');
  }
}

/** An opened folder whose bytes are right; one that was damaged is made anew from the blobs. */
async function reuse(
  directory: string,
  contents: PackageContents,
  { where, signal }: OpenOptions,
): Promise<RunnerManifest | undefined> {
  try {
    return await verifyFolder(directory, contents, where, signal);
  } catch (error) {
    if (RunwrightError.is(error) ? error.code === 'RW_PACKAGE_CORRUPT' : isMissing(error)) return undefined;
    throw error;
  }
}

async function create(
  directory: string,
  contents: PackageContents,
  options: OpenOptions,
): Promise<RunnerManifest> {
  const { blobs, where, signal, mode = 'share' } = options;
  await fetchAll(options);
  const runnerManifest = await readBlob(blobs, contents.runnerManifest, where);
  const manifest = parseRunnerManifest(runnerManifest, where);
  const code = contents.code && (await readCodeTar(await readBlob(blobs, contents.code, where)));
  if (manifest.code.length > 0 && !code) {
    throw new RunwrightError('RW_PACKAGE_INVALID', {
      where,
      what: 'its second layer is not the code, and its runwright.json says that there is some',
      hint: 'Do not open it; get the package again',
    });
  }
  const parent = dirname(directory);
  await removeLeftovers(parent, LEFTOVER, DAY);
  const owner = newOwnerId();
  const aside = join(parent, `.${owner}.opening`);
  const damaged = join(parent, `.${owner}.damaged`);
  try {
    await mkdir(join(aside, MODEL_FOLDER), { recursive: true });
    await writeFile(join(aside, MANIFEST_FILE), runnerManifest, { mode: 0o444 });
    for (const { path } of manifest.code) {
      const bytes = code?.get(path);
      if (!bytes) {
        throw corruptBlob(
          where,
          contents.code ?? contents.runnerManifest,
          `there is no file "${path}" of the code`,
        );
      }
      const file = join(aside, CODE_FOLDER, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes, { mode: 0o444 });
    }
    for (const [path, descriptor] of contents.files) {
      refuseAborted(signal, where);
      const file = join(aside, path);
      await mkdir(dirname(file), { recursive: true });
      await placeFile(blobs, descriptor, file, {
        executable: manifest.executables.includes(path),
        mode,
        signal,
      });
    }
    await verifyFolder(aside, contents, where, signal);
    if (!(await moved(aside, directory)) && !(await reuse(directory, contents, options))) {
      await rename(directory, damaged);
      await rename(aside, directory);
    }
    return manifest;
  } finally {
    // What cannot be removed now is a leftover for a later opening.
    for (const path of [aside, damaged])
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** What is far away is brought here first, several blobs at once: all of it, so that it is whole where there is no network. */
async function fetchAll({ manifest, blobs, where, signal, onBytes }: OpenOptions): Promise<void> {
  if (blobs.fetch === undefined) return;
  const { config, layers } = parseOciManifest(manifest, where);
  const all = [config, ...layers];
  const total = all.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  await blobs.fetch(all, { signal, onBytes: (count) => onBytes?.((bytes += count), total) });
}

/** False when there is a folder: somebody was quicker, or it is a damaged one. */
async function moved(aside: string, directory: string): Promise<boolean> {
  try {
    await rename(aside, directory);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

function describe(directory: string, manifest: RunnerManifest, ociManifest: Uint8Array): OpenedPackage {
  const [main] = manifest.code;
  const artifacts = manifest.artifacts.map((key) => [key, join(directory, key.replace(/\/?\*$/, ''))]);
  return {
    digest: digestOf(ociManifest),
    directory,
    manifest,
    codeFile: main ? join(directory, CODE_FOLDER, main.path) : null,
    modelDirectory: join(directory, MODEL_FOLDER),
    artifacts: Object.fromEntries(artifacts) as Record<string, string>,
  };
}
