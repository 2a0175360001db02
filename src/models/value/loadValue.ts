import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { fromLittleEndian } from './byteOrder';
import { decodeValue } from './decodeValue';
import type { ModelClasses } from './ModelClass';
import { modelFileInvalid } from './modelFileInvalid';
import { blobFile, MODEL_FILE } from './modelFormat';
import { readBlob } from './readBlob';

export interface LoadValueOptions {
  /** Classes whose instances the model may hold; none by default. `modelClassesOf` finds them among a module's exports. */
  classes?: ModelClasses;
}

/**
 * The default loader: reads back what `saveValue` wrote. Typed arrays get memory of their own, read with one allocation.
 * Reading runs no code but the `fromJSON` of the given classes.
 *
 * @param directory absolute path
 * @throws RunwrightError RW_MODEL_FILE_INVALID when a file is missing, damaged, of another version, or needs a class that is
 *   not given; RW_STAGE_FAILED when a `fromJSON` throws; RW_IO when a file cannot be read
 */
export async function loadValue(
  directory: string,
  { classes = {} }: LoadValueOptions = {},
): Promise<unknown> {
  const file = join(directory, MODEL_FILE);
  const readBytes = async (number: number, size: number, elementSize: number): Promise<ArrayBuffer> => {
    const buffer = await readBlob(join(directory, blobFile(number)), size);
    fromLittleEndian(Buffer.from(buffer), elementSize);
    return buffer;
  };
  return decodeValue(parse(await read(file), file), file, readBytes, classes);
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    if (isMissing(cause)) {
      throw modelFileInvalid(file, 'the file is missing: the default saver saved nothing here', { cause });
    }
    throw ioError(cause, file, 'read the model');
  }
}

function parse(bytes: Buffer, file: string): unknown {
  try {
    // Fatal, because a replaced character would be another model.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw modelFileInvalid(file, 'the file is not JSON', { cause });
  }
}
