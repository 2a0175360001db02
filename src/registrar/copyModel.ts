import { distinctBlobs } from '../artifact/distinctBlobs';
import { parseOciManifest } from '../artifact/parseOciManifest';
import { checkOptions } from '../errors/checkOptions';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import { runAll } from '../lifecycle/runAll';
import { openRegistry } from '../registry/openRegistry';
import type { Registry } from '../registry/Registry';
import { checkRepositoryName } from './checkRepositoryName';
import type { CopiedModel } from './CopiedModel';
import { findRegistered } from './findRegistered';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';
import { toRegistered } from './toRegistered';
import type { TransferProgress } from './TransferProgress';
import { withPublication } from './withPublication';

/** Blobs that are put at once; a driver may do fewer. */
const CONCURRENCY = 16;

export interface CopyModelOptions {
  /** Where the package is taken from. Default: the registry that the reference names, else the default one. */
  readonly from?: RegistryOptions | undefined;
  /** Where it goes: a path, a URL, or a registry. */
  readonly to: string | Registry;
  /** Default: the repository that it comes from. Made when it does not exist. */
  readonly repositoryName?: string | undefined;
  /** Default: the organization that the reference names; when it names none, the target's default organization. */
  readonly organizationName?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/**
 * Copies a package from one registry to another, byte for byte: its digest stays. It gets the next number of the target's
 * repository, unless a number points at it already: then nothing is made, and that one is the answer, so that the same call twice,
 * or after a process was killed, gives one number. What the target has of it is not sent again. Aliases are not copied.
 *
 * From one registry to another over the network the bytes pass through memory, and nothing of them is kept on this machine;
 * into a folder they come by way of the cache, where a killed copy goes on.
 *
 * @param reference as for `loadModel`, a URL too
 * @throws RunwrightError RW_REFERENCE_INVALID, RW_OPTION_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE, RW_PACKAGE_CORRUPT,
 *   RW_REGISTRY_INVALID, RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_ABORTED, RW_IO
 * @example
 * const { reference } = await copyModel('iris:3', { to: 'oci://ghcr.io/models', organizationName: 'acme' });
 */
export async function copyModel(reference: string, options: CopyModelOptions): Promise<CopiedModel> {
  checkOptions<CopyModelOptions>('copyModel', options, {
    from: 'record',
    to: 'any',
    repositoryName: 'string',
    organizationName: 'string',
    signal: 'signal',
    onProgress: 'function',
  });
  const { signal, onProgress } = options;
  const target = openTo(options.to);
  const {
    registry,
    resolved,
    reference: where,
    namesOrganization,
  } = await resolveModel(reference, options.from ?? {});
  const name = checkRepositoryName(
    options.repositoryName ?? resolved.repository,
    options.organizationName ?? (namesOrganization ? resolved.organization : target.defaultOrganization),
  );
  const { digest, manifest } = resolved;
  const known = await findRegistered(target, name, digest);
  if (known !== undefined) return { ...toRegistered(known, digest), sent: false };

  const all = distinctBlobs(parseOciManifest(manifest, where));
  const total = all.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  onProgress?.({ bytes, total });
  const onBytes = (count: number): void => onProgress?.({ bytes: (bytes += count), total });
  const source = registry.blobs(resolved);
  return withPublication(target, name, async (publication) => {
    await runAll(all, CONCURRENCY, signal, (blob, stopped) =>
      publication.putBlob(blob, source, { signal: stopped, onBytes }),
    );
    refuseAborted(signal, where);
    // Somebody else may have copied it meanwhile.
    const same = await findRegistered(target, name, digest);
    if (same !== undefined) return { ...toRegistered(same, digest), sent: false };
    return { ...toRegistered(await publication.commit({ manifest, number: null }), digest), sent: true };
  });
}

function openTo(to: CopyModelOptions['to'] | undefined): Registry {
  if (to !== undefined) return openRegistry(to);
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'copyModel, option `to`',
    what: 'it is missing',
    hint: 'Pass a path, a URL, or a registry',
  });
}
