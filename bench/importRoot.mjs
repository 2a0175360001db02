// What importing the root entry costs beyond the three libraries that a runner needs in any case.
import { interleave } from './support/interleave.mjs';
import { path } from './support/path.mjs';

const LIBRARIES = `require('reflect-metadata');require('class-validator');require('class-transformer');`;

export default async function bench() {
  const options = { cwd: path('') };
  const [libraries, root] = interleave(
    [
      ['-e', LIBRARIES],
      ['-e', `${LIBRARIES}require('runwright')`],
    ],
    15,
    options,
  );
  const value = root - libraries;
  return [
    {
      figure: 'root entry beyond its libraries',
      value,
      limit: 25,
      unit: 'ms',
      detail: `with ${root.toFixed(0)} ms, libraries alone ${libraries.toFixed(0)} ms (whole processes)`,
    },
  ];
}
