import { join } from 'node:path';
import { isRecord } from '../../artifact/isRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import { readModelJson } from '../readModelJson';
import { modelFileInvalid } from '../value/modelFileInvalid';
import { MODEL_FILE } from '../value/modelFormat';
import { checkOnnxOptions } from './checkOnnxOptions';
import { isPlainPath } from './isPlainPath';
import { ONNX_FILE, ONNX_FORMAT, ONNX_FORMAT_VERSION } from './onnxFormat';
import { OnnxModel } from './OnnxModel';
import type { OnnxOptions } from './OnnxOptions';

/**
 * Opens what `saveOnnx` wrote, in a folder that may be read-only.
 *
 * @param directory absolute path
 * @param context `threads`: threads within one operator, unless the saved options say it
 * @throws RunwrightError RW_MODEL_FILE_INVALID when a file is missing, damaged or of another version; RW_LIBRARY_MISSING; RW_IO
 */
export async function loadOnnx(
  directory: string,
  { threads }: { readonly threads?: number | undefined } = {},
): Promise<OnnxModel> {
  const file = join(directory, MODEL_FILE);
  const options = readOptions(await readModelJson(file), file);
  return OnnxModel.fromFile(join(directory, ONNX_FILE), options, { threads });
}

function readOptions(json: unknown, file: string): OnnxOptions {
  if (!isRecord(json) || json['format'] !== ONNX_FORMAT) {
    throw modelFileInvalid(file, `the file is not of the format ${ONNX_FORMAT}`);
  }
  const { version, external, options } = json;
  if (version !== ONNX_FORMAT_VERSION) {
    throw modelFileInvalid(file, `the file is not of version ${ONNX_FORMAT_VERSION} of ${ONNX_FORMAT}`, {
      hint: 'It was written by another version of Runwright: install that one, or register the model again',
    });
  }
  // Nothing but the one name is ever opened, and what the model refers to is judged when it is.
  if (json['file'] !== ONNX_FILE) throw modelFileInvalid(file, `its \`file\` is not ${ONNX_FILE}`);
  if (!Array.isArray(external) || !external.every((path) => typeof path === 'string' && isPlainPath(path))) {
    throw modelFileInvalid(file, 'its `external` is not a list of paths within the folder');
  }
  try {
    return checkOnnxOptions(options, file);
  } catch (cause) {
    if (!RunwrightError.is(cause)) throw cause;
    throw modelFileInvalid(cause.where ?? file, cause.what, { cause });
  }
}
