import { open, unlink } from 'node:fs/promises';
import { ioError } from '../../errors/ioError';

/** Writes a new file through to the disk, or leaves none. Nothing may have its name yet. @throws RunwrightError RW_IO */
export async function createFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw ioError(error, path, 'write the file');
  }
}
