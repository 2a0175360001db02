// Publishes one large artifact, or a folder of them (`dir/*`); prints how long the packing and publishing took, and the peak memory of the process.
import { createRequire } from 'node:module';
import { path } from './path.mjs';

const { Load, Predict, Runner, Unvalidated, registerModel } = createRequire(import.meta.url)(
  path('dist/index.js'),
);
const [registry, entry, file] = process.argv.slice(2);

class Big {
  load() {}
  predict() {}
}
const decorate = (decorator, name) =>
  decorator(Big.prototype, name, Object.getOwnPropertyDescriptor(Big.prototype, name));
decorate(Load(), 'load');
decorate(Predict({ input: Unvalidated, output: Unvalidated }), 'predict');
Runner('big')(Big);

let start;
await registerModel({
  repositoryName: 'big',
  modelNumber: null,
  runner: Big,
  entry,
  artifacts: { [file]: file.endsWith('/*') ? 'weights/*' : 'weights.bin' },
  registry,
  // Bundle and check come first and do not depend on the size: "build" measures them.
  onProgress: ({ phase }) => (start ??= phase === 'pack' ? performance.now() : undefined),
});
const milliseconds = performance.now() - start;
console.log(JSON.stringify({ milliseconds, peak: process.resourceUsage().maxRSS * 1024 }));
