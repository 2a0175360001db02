import { open, stat } from 'node:fs/promises';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { RunwrightError } from '../../errors/RunwrightError';
import { modelFileInvalid } from './modelFileInvalid';

const PIECE = 2 ** 30;

/**
 * Reads a file of a known size into memory of its own, with one allocation.
 *
 * @throws RunwrightError RW_MODEL_FILE_INVALID when the file is missing or has another size, RW_IO when it cannot be read
 */
export async function readBlob(file: string, size: number): Promise<ArrayBuffer> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw modelFileInvalid(file, 'it is not a file');
    if (found.size !== size) throw wrongSize(file, size, found.size);
    return await readExactly(file, size);
  } catch (cause) {
    if (RunwrightError.is(cause)) throw cause;
    if (isMissing(cause)) throw modelFileInvalid(file, 'the file is missing', { cause });
    throw ioError(cause, file, 'read the model');
  }
}

async function readExactly(file: string, size: number): Promise<ArrayBuffer> {
  const buffer = new ArrayBuffer(size);
  const handle = await open(file);
  try {
    for (let done = 0; done < size;) {
      const { bytesRead } = await handle.read(
        new Uint8Array(buffer),
        done,
        Math.min(PIECE, size - done),
        done,
      );
      if (bytesRead === 0) throw wrongSize(file, size, done);
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return buffer;
}

function wrongSize(file: string, size: number, found: number): RunwrightError {
  return modelFileInvalid(file, `the file has ${found} bytes, model.json says ${size}`);
}
