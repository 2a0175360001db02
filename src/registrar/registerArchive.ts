import { resolve } from 'node:path';
import type { Descriptor } from '../artifact/Descriptor';
import type { Digest } from '../artifact/Digest';
import { LayoutBlobSource } from '../artifact/LayoutBlobSource';
import { parseOciManifest } from '../artifact/parseOciManifest';
import { RunwrightError } from '../errors/RunwrightError';
import { unpackArchive } from '../packer/archive/unpackArchive';
import type { RunnerManifest } from '../packer/manifest/RunnerManifest';
import { corrupt } from '../packer/package/corrupt';
import { openRegistry } from '../registry/openRegistry';
import { checkArchive } from './checkArchive';
import { checkModelNumber, checkRepositoryName } from './checkTarget';
import type { OpenRunnerOptions } from './openRunner';
import { openTarget } from './openTarget';
import { refuseAborted } from './refuseAborted';
import type { RegisteredModel, RegisterProgress } from './RegisterModelOptions';
import type { RegistryOptions } from './RegistryOptions';
import { toRegistered } from './toRegistered';
import { withPublication } from './withPublication';
import { withTemporaryFolder } from './withTemporaryFolder';

export interface RegisterArchiveOptions extends RegistryOptions, OpenRunnerOptions {
  /** Path of an archive that `runwright build` wrote. */
  readonly file: string;
  /** Lower-case letters and digits, joined by single `.`, `_` or `-`. Made when it does not exist. */
  readonly repositoryName: string;
  /** `null` for a new number; otherwise a number that exists, which points at this package afterwards. */
  readonly modelNumber: number | null;
  /** With a number: only when it still points at this package. */
  readonly expectedDigest?: Digest | null | undefined;
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
  const registry = openRegistry(options.registry, { organization: options.organizationName });
  const name = checkRepositoryName(
    options.repositoryName,
    options.organizationName ?? registry.defaultOrganization,
  );
  const number = checkModelNumber(options.modelNumber);
  const target = await openTarget(registry, name, number, options.expectedDigest);
  const where = resolve(options.file);
  return withTemporaryFolder(async (folder) => {
    const { manifest } = await unpackArchive(where, folder);
    const blobs = new LayoutBlobSource(folder);
    refuseAborted(signal);
    onProgress?.({ phase: 'check' });
    requireModel(await checkArchive({ manifest, blobs, where }, options), where);
    refuseAborted(signal);

    const { config, layers } = parseOciManifest(manifest, where);
    const descriptors = distinct([config, ...layers]);
    const total = descriptors.reduce((sum, { size }) => sum + size, 0);
    let bytes = 0;
    const onBytes = (count: number): void => onProgress?.({ phase: 'pack', bytes: (bytes += count), total });
    return withPublication(registry, name, async (publication) => {
      for (const descriptor of descriptors) {
        const put = await publication.putFile(blobs.localPath(descriptor), { signal, onBytes });
        if (put.digest !== descriptor.digest || put.size !== descriptor.size) {
          throw corrupt(where, descriptor, 'its bytes are others than when it was unpacked');
        }
      }
      onProgress?.({ phase: 'publish' });
      const { existing, expectedDigest } = target;
      return toRegistered(
        await publication.commit({ manifest, number: existing?.number ?? null, expectedDigest }),
      );
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
