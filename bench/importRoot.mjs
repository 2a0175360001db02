// What importing the root entry costs beyond the three libraries that a runner needs in any case: in a new process each
// time, the libraries first, then the entry.
import { spawnSync } from 'node:child_process';
import { median } from './support/median.mjs';
import { path } from './support/path.mjs';

const ROUNDS = 21;
const SCRIPT = `
  const start = performance.now();
  require('reflect-metadata'); require('class-validator'); require('class-transformer');
  const libraries = performance.now();
  require('runwright');
  console.log(JSON.stringify({ libraries: libraries - start, root: performance.now() - libraries }));`;

export default async function bench() {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', SCRIPT], {
      cwd: path(''),
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  });
  const of = (key) => median(rounds.map((round) => round[key]));
  return [
    {
      figure: 'root entry beyond its libraries',
      value: of('root'),
      limit: 25,
      unit: 'ms',
      detail: `libraries alone ${of('libraries').toFixed(0)} ms (the limit was set where they took 130 to 160)`,
    },
  ];
}
