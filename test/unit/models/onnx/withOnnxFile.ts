import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OnnxModel } from '../../../../src/models/onnx/OnnxModel';
import type { OnnxOptions } from '../../../../src/models/onnx/OnnxOptions';
import { withFolder } from '../value/withFolder';

/** Writes files into a folder, by their paths in it. */
export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

/** Runs `work` with the path of a file of these bytes, alone in a folder but for `beside`. */
export function withOnnxFile<T>(
  bytes: Uint8Array,
  work: (file: string, directory: string) => Promise<T>,
  beside: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<T> {
  return withFolder(async (directory) => {
    await writeFiles(directory, { ...beside, 'x.onnx': bytes });
    return work(join(directory, 'x.onnx'), directory);
  });
}

/** Opens a model from bytes, and releases it after `work`. */
export function withModel<T>(
  bytes: Uint8Array,
  work: (model: OnnxModel) => Promise<T> | T,
  options?: OnnxOptions,
): Promise<T> {
  return withOnnxFile(bytes, async (file) => {
    const model = await OnnxModel.fromFile(file, options);
    try {
      return await work(model);
    } finally {
      await model.release();
    }
  });
}

/** Four float32 numbers, 1 to 4, as a file of external data. */
export const FOUR_WEIGHTS = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
