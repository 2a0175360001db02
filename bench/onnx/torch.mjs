// One network three ways, each on one thread: exported to ONNX and run through the handle; in torch, in the side-car of
// `runtime: 'torch'`; and in torch inside Python itself.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { alternate, overRounds } from '../support/alternate.mjs';
import { path } from '../support/path.mjs';
import { torchPython } from '../support/torch.mjs';
import { withFolder } from '../support/withFolder.mjs';

const { loadModel, registerTorchModel } = createRequire(import.meta.url)(path('dist/index.js'));

const CALLS = 50;
const SCRIPT = path('bench/support/makeTorch.py');

export default async function bench({ rounds = 41 } = {}) {
  const python = await torchPython('onnx-torch');
  if (python === undefined) return [];
  return withFolder(async (folder) => {
    const file = join(folder, 'cnn.pt');
    execFileSync(python.path, [SCRIPT, 'cnn', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    const image = new Float32Array(28 * 28).fill(0.5);
    const handles = { onnx: await load(folder, file, 'onnx'), sidecar: await load(folder, file, 'torch') };
    const itself = spawn(python.path, [SCRIPT, 'time', file, String(CALLS)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = createInterface({ input: itself.stdout })[Symbol.asyncIterator]();
    const inside = [];
    const times = await alternate(
      {
        onnx: () => handles.onnx.run({ image }),
        sidecar: () => handles.sidecar.run({ image }),
      },
      {
        rounds,
        calls: CALLS,
        // Between rounds, when nobody else runs.
        between: async () => {
          itself.stdin.write('go\n');
          inside.push(Number((await answers.next()).value));
        },
      },
    );
    itself.stdin.end();
    await once(itself, 'close');
    for (const handle of Object.values(handles)) await handle.close();
    times.torch = inside.slice(-rounds);
    const [onnx, sidecar, torch] = ['onnx', 'sidecar', 'torch'].map((key) =>
      overRounds(times, (round) => round[key]),
    );
    const detail = `ONNX ${onnx.toFixed(0)} µs, side-car ${sidecar.toFixed(0)} µs, torch ${python.torchVersion} in Python ${torch.toFixed(0)} µs`;
    return [
      { figure: 'cnn: torch in Python over ONNX', value: torch / onnx, unit: 'times', detail },
      { figure: 'cnn: torch side-car over ONNX', value: sidecar / onnx, unit: 'times', detail },
      { figure: 'cnn: side-car beyond torch in Python', value: sidecar - torch, unit: 'µs', detail },
    ];
  });
}

async function load(folder, file, runtime) {
  const places = { registry: join(folder, 'registry'), cache: join(folder, 'cache') };
  const { reference } = await registerTorchModel({
    repositoryName: runtime,
    modelNumber: null,
    modelInstance: file,
    inputs: [{ name: 'image', dtype: 'float32', shape: [-1, 1, 28, 28], range: [0, 1] }],
    runtime,
    registry: places.registry,
  });
  return loadModel(reference, { ...places, threads: 1 });
}
