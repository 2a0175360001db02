import type { OpenedPackage } from '../packer/package/OpenedPackage';
import type { RunnerManifest } from '../packer/manifest/RunnerManifest';
import type { RunnerClassSource } from './RunnerSpec';

/** Where the runner class of an opened package comes from. */
export function runnerClassSource({ codeFile, manifest }: OpenedPackage): RunnerClassSource {
  const { runner } = manifest;
  if (codeFile === null) return modelSource(manifest);
  return { kind: 'module', codeFile, wanted: { exportName: runner.export ?? undefined } };
}

/** The manifest was parsed: one without code has a signature. */
function modelSource({ runner, model: { signature } }: RunnerManifest): RunnerClassSource {
  if (signature === undefined) throw new TypeError('a package without code has a signature');
  return { kind: 'model', name: runner.name, signature, maxBatchSize: runner.batch?.maxSize };
}
