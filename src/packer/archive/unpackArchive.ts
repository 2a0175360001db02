import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Digest } from '../../artifact/Digest';
import { OCI_LAYOUT } from '../../artifact/ociLayout';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
import { archiveFault } from './archiveFault';
import { listTarEntries, type ArchiveLimits, type TarEntry } from './listTarEntries';
import { readLayoutIndex } from './readLayoutIndex';
import { tarInputOfFile, type TarInput } from './TarInput';

const FOLDERS: ReadonlySet<string> = new Set(['blobs', OCI_LAYOUT.blobsFolder]);
const FILE = /^(?:oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;
const CHUNK = 1024 * 1024;

/**
 * Unpacks an OCI archive into an empty folder, which is an OCI image layout afterwards. Every header is judged before
 * anything is written, and every blob is hashed as it is written; when something is wrong the folder is empty again.
 *
 * @param file path of the archive: a plain tar that holds one package
 * @param directory path of a folder that exists and is empty
 * @returns the package's manifest, byte for byte, and its digest
 * @throws RunwrightError RW_PACKAGE_INVALID (a hostile, truncated or foreign archive), RW_PACKAGE_CORRUPT (a blob that is
 * not what its name says), RW_IO
 */
export async function unpackArchive(
  file: string,
  directory: string,
  limits: ArchiveLimits = {},
): Promise<{ manifestDigest: Digest; manifest: Buffer }> {
  const archive = await open(file).catch((error: unknown) => {
    throw ioError(error, file, 'read the archive');
  });
  try {
    const input = await tarInputOfFile(file, archive);
    const entries = await listTarEntries(input, limits);
    for (const { name, type } of entries) {
      if (type === 'file' ? FILE.test(name) : FOLDERS.has(name)) continue;
      throw archiveFault(file, 'is not part of an OCI image layout', name);
    }
    const found = await readLayoutIndex(input, entries);
    await requireEmpty(directory);
    try {
      await mkdir(join(directory, OCI_LAYOUT.blobsFolder), { recursive: true });
      for (const entry of entries) if (entry.type === 'file') await unpackFile(input, entry, directory);
    } catch (error) {
      await empty(directory);
      throw error;
    }
    return found;
  } catch (error) {
    throw ioError(error, file, 'unpack the archive');
  } finally {
    await archive.close();
  }
}

async function unpackFile(
  input: TarInput,
  { name, offset, size }: TarEntry,
  directory: string,
): Promise<void> {
  const hash = createHash('sha256');
  const target = await open(join(directory, name), 'wx');
  try {
    for (let done = 0; done < size;) {
      const chunk = await input.read(offset + done, Math.min(CHUNK, size - done));
      if (chunk.length === 0) throw archiveFault(input.name, 'became shorter while it was read', name);
      const writing = target.writeFile(chunk);
      hash.update(chunk); // while the chunk is on its way to the disk
      await writing;
      done += chunk.length;
    }
  } finally {
    await target.close();
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  const expected: Digest = `sha256:${basename(name)}`;
  if (name.startsWith(OCI_LAYOUT.blobsFolder) && digest !== expected) {
    throw corruptBlob(input.name, { digest: expected }, 'its bytes have another sha256');
  }
}

async function requireEmpty(directory: string): Promise<void> {
  if ((await readdir(directory)).length === 0) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: directory,
    what: 'the folder to unpack into is not empty',
    hint: 'Give an empty folder',
  });
}

async function empty(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    await rm(join(directory, name), { recursive: true, force: true });
}
