import { createRequire } from 'node:module';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { path } from './path.mjs';

const require = createRequire(import.meta.url);
const { loadModel, registerModel } = require(path('dist/index.js'));
const { OnnxModel } = require(path('dist/models/onnx/index.js'));

/**
 * Registers an ONNX file alone and loads it into this process, to run on one thread.
 *
 * @param folder gets the file, the registry and the cache
 * @returns `handle`, and `file`: the path of the ONNX file
 */
export async function loadOnnx(folder, name, bytes) {
  const file = join(folder, `${name}.onnx`);
  writeFileSync(file, bytes);
  const places = { registry: join(folder, 'registry'), cache: join(folder, 'cache') };
  const modelInstance = await OnnxModel.fromFile(file, { intraOpNumThreads: 1 });
  const { reference } = await registerModel({
    repositoryName: name,
    modelNumber: null,
    modelInstance,
    registry: places.registry,
  });
  await modelInstance.release();
  return { file, handle: await loadModel(reference, places) };
}
