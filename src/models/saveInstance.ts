import { OnnxModel } from './onnx/OnnxModel';
import { saveOnnx } from './onnx/saveOnnx';
import { saveTorch } from './torch/saveTorch';
import { TorchModel } from './torch/TorchModel';
import { saveValue } from './value/saveValue';

/**
 * The default saver: an ONNX or torch model with its files, any other value as JSON and raw bytes.
 *
 * @param directory absolute path of an existing, empty folder
 * @throws RunwrightError as `saveOnnx`, `saveTorch` and `saveValue`
 */
export async function saveInstance(model: unknown, directory: string): Promise<void> {
  if (OnnxModel.is(model)) return saveOnnx(model, directory);
  if (TorchModel.is(model)) return saveTorch(model, directory);
  return saveValue(model, directory);
}
