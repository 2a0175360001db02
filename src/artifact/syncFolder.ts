import { open } from 'node:fs/promises';
import { ioError } from '../errors/ioError';

/** Writes a folder's names through to the disk: a rename survives a power cut only after this. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and journals names by itself.
  if (process.platform === 'win32') return;
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw ioError(error, path, 'write the folder to the disk');
  }
}
