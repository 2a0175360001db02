import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ioError } from '../errors/ioError';
import { listTarEntries } from '../packer/archive/listTarEntries';
import { readLayoutIndex } from '../packer/archive/readLayoutIndex';
import { tarInputOfFile } from '../packer/archive/TarInput';
import { ArchiveBlobSource } from './ArchiveBlobSource';
import type { RunnerSource } from './openRunner';

/**
 * Reads the package in an OCI archive, without unpacking it. Every header is judged before `use` is called; the blobs are
 * for whoever uses them to check.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT (the manifest), RW_IO
 */
export async function withArchive<T>(file: string, use: (source: RunnerSource) => Promise<T>): Promise<T> {
  const path = resolve(file);
  const archive = await open(path).catch((error: unknown) => {
    throw ioError(error, path, 'open the archive');
  });
  let source: RunnerSource;
  try {
    const input = await tarInputOfFile(path, archive);
    const entries = await listTarEntries(input);
    const { manifest } = await readLayoutIndex(input, entries);
    source = { manifest, blobs: new ArchiveBlobSource(path, entries), where: path };
  } catch (error) {
    throw ioError(error, path, 'read the archive');
  } finally {
    await archive.close();
  }
  return use(source);
}
