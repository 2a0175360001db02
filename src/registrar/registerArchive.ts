import { resolve } from 'node:path';
import type { Descriptor } from '../artifact/Descriptor';
import { LayoutBlobSource } from '../artifact/LayoutBlobSource';
import { parseOciManifest } from '../artifact/parseOciManifest';
import { RunwrightError } from '../errors/RunwrightError';
import { unpackArchive } from '../packer/archive/unpackArchive';
import type { RunnerManifest } from '../packer/manifest/RunnerManifest';
import { corruptBlob } from '../artifact/corruptBlob';
import { checkArchive } from './checkArchive';
import type { OpenRunnerOptions } from './openRunner';
import { openTarget, type TargetOptions } from './openTarget';
import { refuseAborted } from '../errors/refuseAborted';
import type { RegisteredModel, RegisterProgress } from './RegisterModelOptions';
import { toRegistered } from './toRegistered';
import { withPublication } from './withPublication';
import { withTemporaryFolder } from './withTemporaryFolder';

export interface RegisterArchiveOptions extends TargetOptions, OpenRunnerOptions {
  /** Path of an archive that `runwright build` wrote. */
  readonly file: string;
  readonly onProgress?: ((progress: RegisterProgress) => void) | undefined;
}

/**
 * Publishes a package that was built before, as it is: its digest stays. Every byte is checked and its code is loaded once
 * in a process of its own, before anything is written to the registry.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_CONFLICT, RW_PACKAGE_INVALID,
 *   RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE, RW_REQUIREMENT_INSTALL, RW_PACKAGE_CHECK_FAILED, RW_ABORTED, RW_IO
 */
export async function registerArchive(options: RegisterArchiveOptions): Promise<RegisteredModel> {
  const { signal, onProgress } = options;
  const target = await openTarget(options);
  const where = resolve(options.file);
  return withTemporaryFolder(async (folder) => {
    const { manifest, manifestDigest } = await unpackArchive(where, folder);
    const blobs = new LayoutBlobSource(folder);
    refuseAborted(signal, where);
    onProgress?.({ phase: 'check' });
    requireModel(await checkArchive({ manifest, blobs, where }, options), where);
    refuseAborted(signal, where);

    const { config, layers } = parseOciManifest(manifest, where);
    const descriptors = distinct([config, ...layers]);
    const total = descriptors.reduce((sum, { size }) => sum + size, 0);
    let bytes = 0;
    const onBytes = (count: number): void => onProgress?.({ phase: 'pack', bytes: (bytes += count), total });
    return withPublication(target.registry, target.name, async (publication) => {
      for (const descriptor of descriptors) {
        const put = await publication.putFile(blobs.localPath(descriptor), { signal, onBytes });
        if (put.digest !== descriptor.digest || put.size !== descriptor.size) {
          throw corruptBlob(where, descriptor, 'its bytes are others than when it was unpacked');
        }
      }
      onProgress?.({ phase: 'publish' });
      const { existing, expectedDigest } = target;
      const number = existing?.number ?? null;
      return toRegistered(await publication.commit({ manifest, number, expectedDigest }), manifestDigest);
    });
  });
}

/** A package that nobody could load is refused, as `registerModel` refuses to make it. */
function requireModel({ model, runner, artifacts }: RunnerManifest, where: string): void {
  if (model.format !== 'none' || (runner.stages.load && artifacts.length > 0)) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where,
    what: 'the package holds no model, and no artifacts that a @Load() could make one of',
    hint: 'Build it with --model, or with --artifact for a runner that has a @Load() method',
  });
}

function distinct(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
