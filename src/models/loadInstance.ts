import { loadOnnx } from './onnx/loadOnnx';
import { savedFormatOf } from './savedFormatOf';
import { loadValue, type LoadValueOptions } from './value/loadValue';
import { modelFileInvalid } from './value/modelFileInvalid';

export interface LoadInstanceOptions extends LoadValueOptions {
  /** Native threads that the model should use. Default: as its library does. */
  readonly threads?: number | undefined;
}

/**
 * The default loader: opens what `saveInstance` wrote, by the format that `model.json` names.
 *
 * @param directory absolute path; it may be read-only
 * @throws RunwrightError RW_MODEL_FILE_INVALID when there is no saved model or its files are not sound; else as `loadOnnx`,
 *   `loadTorch` and `loadValue`
 */
export async function loadInstance(
  directory: string,
  { threads, ...options }: LoadInstanceOptions = {},
): Promise<unknown> {
  switch (await savedFormatOf(directory)) {
    case 'default':
      return loadValue(directory, options);
    case 'onnx':
      return loadOnnx(directory, { threads });
    case 'torch': {
      const { loadTorch } = await import('./torch/loadTorch.js');
      return loadTorch(directory, { threads });
    }
    default:
      throw modelFileInvalid(directory, 'the folder holds no model.json of a known format', {
        hint: 'Give the folder that the default saver wrote',
      });
  }
}
