import { createRequire } from 'node:module';
import { path } from './path.mjs';

const { findPython } = createRequire(import.meta.url)(path('dist/models/torch/index.js'));

/** A Python with torch, or `undefined`, after saying on stderr that `bench` is left out. */
export async function torchPython(bench) {
  try {
    return await findPython();
  } catch (error) {
    console.error(`${bench} is left out: ${error.message}`);
    return undefined;
  }
}
