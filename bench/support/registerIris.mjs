import { pathToFileURL } from 'node:url';
import { path } from './path.mjs';

/** Trains the iris example and registers it. `npm run bench` has compiled the examples. */
export async function registerIris(registry) {
  const load = (file) => import(pathToFileURL(path(`build/examples/iris/${file}`)).href);
  const [{ IrisRunner }, { trainIris }] = [await load('iris.runner.js'), await load('train.js')];
  const { registerModel } = await import(pathToFileURL(path('dist/index.js')).href);
  const { model } = trainIris();
  const start = performance.now();
  await registerModel({
    repositoryName: 'iris',
    modelNumber: null,
    runner: IrisRunner,
    entry: path('examples/iris/iris.runner.ts'),
    modelInstance: model,
    registry,
  });
  return performance.now() - start;
}
