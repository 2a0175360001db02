import { join } from 'node:path';
import { isRecord } from '../../artifact/isRecord';
import { isModelSignature } from '../tensor/isModelSignature';
import { readModelJson } from '../readModelJson';
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
  const { kind, signature, timeout, memoryLimit } = parse(await readModelJson(path), path);
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

function parse(saved: unknown, path: string): SavedTorchModel {
  const invalid = (what: string) => modelFileInvalid(path, what);
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
