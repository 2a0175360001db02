// `runwright predict` of iris from the registry, process start to exit, beside a bare `node -e 0`.
import { join } from 'node:path';
import { interleave } from './support/interleave.mjs';
import { registerIris } from './support/registerIris.mjs';
import { path } from './support/path.mjs';
import { withFolder } from './support/withFolder.mjs';

const DATA = '{"sepalLength":5.1,"sepalWidth":3.5,"petalLength":1.4,"petalWidth":0.2}';

export default function bench() {
  return withFolder(async (folder) => {
    const registry = join(folder, 'registry');
    await registerIris(registry);
    const env = { ...process.env, RUNWRIGHT_REGISTRY: registry, RUNWRIGHT_CACHE: join(folder, 'cache') };
    const [node, predict] = interleave(
      [
        ['-e', '0'],
        [path('dist/cli/main.js'), 'predict', 'iris', '--data', DATA],
      ],
      15,
      { env },
    );
    return [
      {
        figure: 'runwright predict over node -e 0',
        value: predict / node,
        limit: 5,
        unit: 'times',
        detail: `predict ${predict.toFixed(0)} ms, node ${node.toFixed(0)} ms`,
      },
    ];
  });
}
