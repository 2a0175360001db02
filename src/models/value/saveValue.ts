import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError } from '../../errors/ioError';
import { toLittleEndian } from './byteOrder';
import { encodeValue } from './encodeValue';
import { blobFile, MODEL_FILE } from './modelFormat';

/**
 * The default saver: writes a value as `model.json`, and as one `model.<n>.bin` per typed array or buffer.
 *
 * It keeps plain objects (with the order of their keys), arrays, `Map`, `Set`, `Date`, every JavaScript scalar, typed arrays,
 * `Buffer`, `ArrayBuffer`, `DataView`, instances of a class with `toJSON` and a static `fromJSON`, shared references and
 * cycles. A view keeps its own bytes, not its connection to other views on the same memory. Everything else is refused.
 *
 * Equal values give equal files: contents, identities, and the order of keys, entries and items count.
 *
 * @param directory absolute path of an existing, empty folder
 * @throws RunwrightError RW_MODEL_NOT_SERIALIZABLE, with the path in the value as `where`; RW_STAGE_FAILED when a `toJSON`
 *   throws; RW_IO when a file cannot be written, in which case some may have been
 * @example
 * await saveValue({ labels: ['no', 'yes'], weights: new Float32Array(784) }, directory);
 */
export async function saveValue(value: unknown, directory: string): Promise<void> {
  const { json, blobs } = encodeValue(value);
  for (const [number, { bytes, elementSize }] of blobs.entries()) {
    await write(join(directory, blobFile(number)), toLittleEndian(bytes, elementSize));
  }
  // Last, so that a folder with this file is complete.
  await write(join(directory, MODEL_FILE), json);
}

async function write(file: string, content: string | Iterable<Buffer>): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx' });
  } catch (cause) {
    throw ioError(cause, file, 'write the model');
  }
}
