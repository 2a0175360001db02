import { openTarget } from './openTarget';
import { publishArchive } from './publishArchive';
import type { RegisteredModel, RegistrationOptions } from './RegisterModelOptions';
import { withCheckedArchive, type CheckArchiveOptions } from './withCheckedArchive';

export interface RegisterArchiveOptions extends RegistrationOptions, CheckArchiveOptions {}

/**
 * Publishes a package that was built before, as it is: its digest stays. Every byte is checked and its code is loaded once
 * in a process of its own, before anything is written to the registry.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_CONFLICT, RW_PACKAGE_INVALID,
 *   RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE, RW_REQUIREMENT_INSTALL, RW_PACKAGE_CHECK_FAILED,
 *   RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_ABORTED, RW_IO
 */
export async function registerArchive(options: RegisterArchiveOptions): Promise<RegisteredModel> {
  const target = await openTarget(options);
  options.onProgress?.({ phase: 'check' });
  return withCheckedArchive(options, (archive) => publishArchive(target, archive, options));
}
