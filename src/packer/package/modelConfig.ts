import type { Digest } from '../../artifact/Digest';
import type { ManifestRunner } from '../manifest/RunnerManifest';

/** The config blob of a CNCF ModelPack artifact (model-spec 0.0.7): what general tools can say of a package. */
export function modelConfig(runner: ManifestRunner, diffIds: readonly Digest[]): object {
  return {
    descriptor: {
      name: runner.name,
      title: runner.className,
      ...(runner.description === null ? {} : { description: runner.description }),
    },
    config: { format: 'runwright' },
    // Every layer is raw or an uncompressed tar, so its diff id is its digest.
    modelfs: { type: 'layers', diffIds },
  };
}
