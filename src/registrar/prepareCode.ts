import { dirname } from 'node:path';
import type { Bundle, BundleWarning } from '../packer/bundle/Bundle';
import type { LockedRequirements } from '../packer/requirements/LockedRequirements';

/** The code half of a package, before anything of it has run. */
export interface PreparedCode {
  /** Absolute path. */
  readonly entry: string;
  readonly bundle: Bundle;
  readonly requirements: LockedRequirements;
}

/**
 * Bundles an entry and pins what must be installed beside it.
 *
 * @param entry absolute path
 * @param options.source text of the entry, where it is not a file; see `BundleOptions`
 * @throws RunwrightError RW_ENTRY_INVALID, RW_BUNDLE_FAILED, RW_BUNDLE_READS_FILES, RW_REQUIREMENT_INVALID
 */
export async function prepareCode(
  entry: string,
  specs: readonly string[],
  onWarning?: (warning: BundleWarning) => void,
  { source }: { readonly source?: string | undefined } = {},
): Promise<PreparedCode> {
  // Only what packs needs them: whoever loads or tests a runner does not wait for them.
  const { bundleEntry } = await import('../packer/bundle/bundleEntry.js');
  const { lockRequirements } = await import('../packer/requirements/lockRequirements.js');
  const { requirementName } = await import('../packer/requirements/requirementName.js');
  const { preloadTar } = await import('../packer/archive/reproducibleTar.js');
  const bundling = bundleEntry({ entry, source, requirements: specs.map(requirementName) });
  // rolldown works on threads of its own, which leaves this one free for what comes next.
  preloadTar();
  const bundle = await bundling;
  for (const warning of bundle.warnings) onWarning?.(warning);
  const requirements = await lockRequirements({ specs, natives: bundle.natives, from: dirname(entry) });
  return { entry, bundle, requirements };
}
