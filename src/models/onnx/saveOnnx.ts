import { chmod, constants, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../artifact/canonicalJson';
import { ioError } from '../../errors/ioError';
import { modelFileInvalid } from '../value/modelFileInvalid';
import { MODEL_FILE } from '../value/modelFormat';
import { externalFiles } from './externalFiles';
import { ONNX_FILE, ONNX_FORMAT, ONNX_FORMAT_VERSION } from './onnxFormat';
import type { OnnxSource } from './OnnxSource';
import { scanOnnxFile } from './scanOnnxFile';

/**
 * Writes an ONNX model as `model.onnx`, its external data under the names by which the file refers to it, and `model.json`.
 * Equal models give equal files.
 *
 * @param directory absolute path of an existing, empty folder
 * @throws RunwrightError RW_MODEL_FILE_INVALID when the model's files are not sound any more, or take our names; RW_IO
 */
export async function saveOnnx({ file, options, signature }: OnnxSource, directory: string): Promise<void> {
  const { locations } = await scanOnnxFile(file);
  const external = await externalFiles(file, locations);
  refuseCollision(file, external);
  await copy(file, join(directory, ONNX_FILE));
  for (const path of external) await copy(join(dirname(file), path), join(directory, path));
  const rest = canonicalJson({
    version: ONNX_FORMAT_VERSION,
    file: ONNX_FILE,
    external,
    options,
    signature,
  });
  const model = join(directory, MODEL_FILE);
  try {
    // The format first, by which the loader knows it; last of the files, so that a folder with it is complete.
    await writeFile(model, `{"format":"${ONNX_FORMAT}",${rest.toString('utf8', 1)}`, { flag: 'wx' });
  } catch (cause) {
    throw ioError(cause, model, 'write the model');
  }
}

function refuseCollision(file: string, external: readonly string[]): void {
  // Also where the file system does not tell small letters from capitals.
  const taken = external.find((path) =>
    [MODEL_FILE, ONNX_FILE].includes((path.split('/')[0] ?? '').toLowerCase()),
  );
  if (taken === undefined) return;
  throw modelFileInvalid(file, `its external data "${taken}" has a name that a saved model uses itself`, {
    hint: `Save the model again with another name for its data than ${MODEL_FILE} and ${ONNX_FILE}`,
  });
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await chmod(to, 0o644);
  } catch (cause) {
    throw ioError(cause, to, 'write the model');
  }
}
