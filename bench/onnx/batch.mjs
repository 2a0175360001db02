// 32 inputs through `runMany`, which stacks them into one run, beside 32 single runs one after another.
import { Tensor } from 'onnxruntime-node';
import { alternate, overRounds } from '../support/alternate.mjs';
import { loadOnnx } from '../support/loadOnnx.mjs';
import { onnxMlp } from '../support/onnxMlp.mjs';
import { withFolder } from '../support/withFolder.mjs';

const SIZE = 32;

export default function bench({ rounds = 101 } = {}) {
  return withFolder(async (folder) => {
    const { handle } = await loadOnnx(folder, 'mlp', onnxMlp());
    const inputs = Array.from({ length: SIZE }, (_, row) => ({
      features: new Tensor('float32', Float32Array.of(row, 1, 2, 3), [4]),
    }));
    const single = async () => {
      for (const input of inputs) await handle.run(input);
    };
    const times = await alternate(
      { single, many: () => handle.runMany(inputs) },
      { rounds, calls: 20, warmUp: 30 },
    );
    await handle.close();
    const of = (key) => overRounds(times, (round) => round[key]);
    return [
      {
        figure: `mlp: ${SIZE} single runs over runMany of ${SIZE}`,
        value: overRounds(times, (round) => round.single / round.many),
        limit: 5,
        atLeast: true,
        unit: 'times',
        detail: `runMany ${of('many').toFixed(0)} µs, single runs ${of('single').toFixed(0)} µs`,
      },
    ];
  });
}
