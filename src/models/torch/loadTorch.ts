import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../artifact/isRecord';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { isModelSignature } from '../tensor/isModelSignature';
import { modelFileInvalid } from '../value/modelFileInvalid';
import { MODEL_FILE } from '../value/modelFormat';
import { TORCH_FILES, TORCH_FORMAT, TORCH_FORMAT_VERSION, type SavedTorchModel } from './torchFormat';
import { TorchModel, type TorchStartOptions } from './TorchModel';

/**
 * Opens what `saveTorch` wrote, and waits until Python has the model: a machine without Python is found here.
 *
 * @param directory absolute path; nothing is written there
 * @throws RunwrightError RW_MODEL_FILE_INVALID when a file is missing or damaged, or torch cannot load it; RW_PYTHON_MISSING; RW_IO
 */
export async function loadTorch(directory: string, options: TorchStartOptions = {}): Promise<TorchModel> {
  const path = join(directory, MODEL_FILE);
  const { kind, signature, timeout, memoryLimit } = parse(await read(path), path);
  const model = TorchModel.withSignature(join(directory, TORCH_FILES[kind]), kind, signature, {
    timeout,
    memoryLimit,
  });
  try {
    await model.start(options);
    return model;
  } catch (error) {
    await model.release();
    throw error;
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) throw modelFileInvalid(path, 'the file is missing', { cause });
    throw ioError(cause, path, 'read the model');
  }
}

function parse(text: string, path: string): SavedTorchModel {
  const invalid = (what: string, cause?: unknown) => modelFileInvalid(path, what, { cause });
  let saved: unknown;
  try {
    saved = JSON.parse(text);
  } catch (cause) {
    throw invalid('the file is not JSON', cause);
  }
  if (!isRecord(saved) || saved['format'] !== TORCH_FORMAT) throw invalid(`it is no "${TORCH_FORMAT}" file`);
  const { version, kind, file, signature, timeout, memoryLimit } = saved;
  if (version !== TORCH_FORMAT_VERSION) throw invalid('it is of another version than this Runwright reads');
  if (typeof kind !== 'string' || !Object.hasOwn(TORCH_FILES, kind)) throw invalid('its `kind` is unknown');
  if (file !== TORCH_FILES[kind as SavedTorchModel['kind']])
    throw invalid('its `file` is not that of its kind');
  if (!isModelSignature(signature)) throw invalid('its `signature` is not one');
  if (!isCount(timeout) || (memoryLimit !== undefined && !isCount(memoryLimit)))
    throw invalid('its limits are not positive integers');
  return saved as unknown as SavedTorchModel;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
