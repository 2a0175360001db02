import { resolve } from 'node:path';
import { HashingBlobSink } from '../artifact/HashingBlobSink';
import { OnnxModel } from '../models/onnx/OnnxModel';
import type { BuildOptions, BuiltPackage } from './buildPackage';
import { NOTHING_KEPT } from './KeptModel';
import { onnxName } from './onnxName';
import { tensorModelParts } from './tensorModelParts';
import { tensorModelSaver } from './tensorModelSaver';
import { writePackage } from './writePackage';

export interface BuildOnnxOptions extends Pick<BuildOptions, 'file' | 'signal' | 'onProgress'> {
  /** Path of the ONNX file. */
  readonly model: string;
}

/** `buildPackage` for an ONNX file: the package holds no code. */
export async function buildOnnx({
  model: path,
  signal,
  onProgress,
  ...options
}: BuildOnnxOptions): Promise<BuiltPackage> {
  const { writeArchive } = await import('../packer/archive/writeArchive.js');
  const name = onnxName(path);
  const model = await OnnxModel.fromFile(path);
  try {
    const parts = {
      ...tensorModelParts({ name, signature: model.signature }),
      save: tensorModelSaver(model, 'onnx'),
      kept: NOTHING_KEPT,
      artifacts: { keys: [], files: [] },
      signal,
      onProgress,
    };
    return await writePackage<HashingBlobSink, BuiltPackage>(
      parts,
      async (use) => use(new HashingBlobSink()),
      async ({ manifest, digest, blobs }, source) => {
        onProgress?.({ phase: 'publish' });
        const file = resolve(options.file ?? `${name}.runwright.tar`);
        const { size } = await writeArchive({
          file,
          manifest,
          manifestDigest: digest,
          name,
          blobs,
          source,
          ...(signal && { signal }),
        });
        return { file, digest, size };
      },
    );
  } finally {
    await model.release();
  }
}
