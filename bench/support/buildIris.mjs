import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { path } from './path.mjs';

/** Builds the iris example into an archive in `folder`. */
export async function buildIris(folder) {
  mkdirSync(folder, { recursive: true });
  const { buildPackage } = createRequire(import.meta.url)(path('dist/index.js'));
  const start = performance.now();
  await buildPackage({ entry: path('examples/iris/iris.runner.ts'), file: join(folder, 'iris.tar') });
  return performance.now() - start;
}
