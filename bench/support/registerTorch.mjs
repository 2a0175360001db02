// Registers a torch file and prints how many milliseconds each phase took: registerTorch.mjs FILE REGISTRY INPUTS
import { createRequire } from 'node:module';
import { path } from './path.mjs';

const { registerTorchModel } = createRequire(import.meta.url)(path('dist/index.js'));
const [modelInstance, registry, inputs] = process.argv.slice(2);

const phases = {};
let phase = 'start';
let since = performance.now();
const turnTo = (next) => {
  const now = performance.now();
  phases[phase] = (phases[phase] ?? 0) + now - since;
  [phase, since] = [next, now];
};
await registerTorchModel({
  repositoryName: 'big',
  modelNumber: null,
  modelInstance,
  inputs: JSON.parse(inputs),
  registry,
  onProgress: (progress) => turnTo(progress.phase),
});
turnTo('end');
console.log(JSON.stringify(phases));
