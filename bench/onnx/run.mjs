// One `run` through the handle, beside calling onnxruntime-node by hand with the same tensor: one thread, no validation by hand.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { alternate, overRounds } from '../support/alternate.mjs';
import { loadOnnx } from '../support/loadOnnx.mjs';
import { onnxCnn } from '../support/onnxCnn.mjs';
import { onnxMlp } from '../support/onnxMlp.mjs';
import { withFolder } from '../support/withFolder.mjs';

const MODELS = {
  mlp: { bytes: onnxMlp(), input: 'features', dims: [4], calls: 500 },
  cnn: { bytes: onnxCnn(), input: 'image', dims: [1, 28, 28], calls: 50 },
};

export default function bench({ rounds = 101 } = {}) {
  return withFolder(async (folder) => {
    const figures = [];
    for (const [name, model] of Object.entries(MODELS)) {
      const times = await measure(folder, name, model, rounds);
      const [hand, run] = ['hand', 'run'].map((key) => overRounds(times, (round) => round[key]));
      const detail = `run ${run.toFixed(1)} µs, by hand ${hand.toFixed(1)} µs, one thread`;
      figures.push(
        name === 'mlp'
          ? {
              figure: 'mlp: run over onnxruntime by hand',
              value: overRounds(times, (round) => round.run - round.hand),
              limit: 3,
              unit: 'µs',
              detail,
            }
          : {
              figure: 'cnn: run over onnxruntime by hand',
              value: 100 * (overRounds(times, (round) => round.run / round.hand) - 1),
              limit: 10,
              unit: '%',
              detail,
            },
      );
    }
    return figures;
  });
}

async function measure(folder, name, { bytes, input, dims, calls }, rounds) {
  const { handle, file } = await loadOnnx(folder, name, bytes);
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 });
  const size = dims.reduce((product, dim) => product * dim);
  const data = Float32Array.from({ length: size }, (_, at) => (at % 10) / 10);
  const byHand = { [input]: new Tensor('float32', data, [1, ...dims]) };
  const byUs = { [input]: new Tensor('float32', data, dims) };
  const times = await alternate(
    { hand: () => session.run(byHand), run: () => handle.run(byUs) },
    { rounds, calls },
  );
  await handle.close();
  await session.release();
  return times;
}
