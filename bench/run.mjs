// npm run bench [-- name ... --rounds N --seconds N --modes inline,thread,process]: what the project promises of its speed, each figure beside its limit
// and its rival. Prints a table; build/bench.json holds the same as JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judge } from './support/judge.mjs';
import { machine } from './support/machine.mjs';
import { path } from './support/path.mjs';

const BENCHES = {
  handleRun: './handleRun.mjs',
  importRoot: './importRoot.mjs',
  predict: './predict.mjs',
  build: './build.mjs',
  publish: './publish.mjs',
  'oci-push': './registry/push.mjs',
  'oci-small': './registry/small.mjs',
  'onnx-run': './onnx/run.mjs',
  'onnx-batch': './onnx/batch.mjs',
  'onnx-torch': './onnx/torch.mjs',
  'torch-register': './onnx/register.mjs',
  'serve-mlp': './serve/mlp.mjs',
  'serve-python': './serve/python.mjs',
  'serve-noop': './serve/noop.mjs',
  'serve-health': './serve/health.mjs',
  'serve-overload': './serve/overload.mjs',
  'serve-oip': './serve/oip.mjs',
  'serve-upload': './serve/upload.mjs',
};

const {
  values: { modes, ...numbers },
  positionals: asked,
} = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seconds: { type: 'string' }, modes: { type: 'string' } },
});
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`unknown bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const options = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));
if (modes !== undefined) options.modes = modes.split(',');

const rows = [];
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
  console.error(`${name} ...`);
  const { default: bench } = await import(BENCHES[name]);
  for (const figure of await bench(options)) rows.push({ bench: name, ...figure, within: judge(figure) });
}

const shown = (number, unit) => `${Number(number.toPrecision(3))} ${unit}`;
const limitOf = ({ limit, atLeast, unit }) =>
  limit === undefined ? 'stated' : `${atLeast ? '>= ' : ''}${shown(limit, unit)}`;
console.table(
  rows.map(({ bench, figure, value, unit, within, detail, ...row }) => ({
    bench,
    figure,
    value: shown(value, unit),
    limit: limitOf({ ...row, unit }),
    within: { true: 'yes', false: 'NO', null: '' }[within],
    detail,
  })),
);
const { node, cores, cpu } = machine();
console.log(`node ${node}, ${cores} cores of ${cpu}`);
mkdirSync(path('build'), { recursive: true });
writeFileSync(path('build/bench.json'), JSON.stringify({ machine: machine(), rows }, null, 2));
process.exitCode = rows.every(({ within }) => within !== false) ? 0 : 1;
