// npm run bench [-- name ...]: what the project promises of its speed, each figure beside its limit and its rival.
// Prints a table; build/bench.json holds the same as JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { path } from './support/path.mjs';

const BENCHES = ['handleRun', 'importRoot', 'predict', 'build', 'publish'];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  console.error(`unknown bench ${unknown.join(', ')}; there are ${BENCHES.join(', ')}`);
  process.exit(2);
}

const rows = [];
for (const name of asked.length > 0 ? asked : BENCHES) {
  console.error(`${name} ...`);
  const { default: bench } = await import(`./${name}.mjs`);
  rows.push(
    ...(await bench()).map((figure) => ({ bench: name, ...figure, within: figure.value <= figure.limit })),
  );
}

console.table(
  rows.map(({ bench, figure, value, limit, unit, within, detail }) => ({
    bench,
    figure,
    value: `${Number(value.toPrecision(3))} ${unit}`,
    limit: `${limit} ${unit}`,
    within: within ? 'yes' : 'NO',
    detail,
  })),
);
const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model, memory: totalmem() };
mkdirSync(path('build'), { recursive: true });
writeFileSync(path('build/bench.json'), JSON.stringify({ machine, rows }, null, 2));
process.exitCode = rows.every(({ within }) => within) ? 0 : 1;
