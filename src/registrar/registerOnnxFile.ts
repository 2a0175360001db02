import { OnnxModel } from '../models/onnx/OnnxModel';
import type { RegisteredModel, RegisterOnnxOptions } from './RegisterModelOptions';
import { registerOnnx } from './registerOnnx';

export interface RegisterOnnxFileOptions extends Omit<RegisterOnnxOptions, 'modelInstance'> {
  readonly file: string;
}

/** `registerModel` for a program that has an ONNX file, such as the command line. */
export async function registerOnnxFile({
  file,
  ...options
}: RegisterOnnxFileOptions): Promise<RegisteredModel> {
  const modelInstance = await OnnxModel.fromFile(file);
  try {
    return await registerOnnx({ ...options, modelInstance });
  } finally {
    await modelInstance.release();
  }
}
