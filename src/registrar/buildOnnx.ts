import { OnnxModel } from '../models/onnx/OnnxModel';
import type { BuildOptions } from './buildPackage';
import { onnxName } from './onnxName';
import { tensorModelParts } from './tensorModelParts';
import { tensorModelSaver } from './tensorModelSaver';
import { writePackageFile, type BuiltPackage } from './writePackageFile';

export interface BuildOnnxOptions extends Pick<BuildOptions, 'file' | 'signal' | 'onProgress'> {
  /** Path of the ONNX file. */
  readonly model: string;
}

/** `buildPackage` for an ONNX file: the package holds no code. */
export async function buildOnnx({
  model: path,
  signal,
  onProgress,
  file,
}: BuildOnnxOptions): Promise<BuiltPackage> {
  const name = onnxName(path);
  const model = await OnnxModel.fromFile(path);
  try {
    const parts = {
      ...tensorModelParts({ name, signature: model.signature }),
      save: tensorModelSaver(model, 'onnx'),
      artifacts: { keys: [], files: [] },
      signal,
      onProgress,
    };
    return await writePackageFile(parts, file);
  } finally {
    await model.release();
  }
}
