import { refuseAborted } from '../errors/refuseAborted';
import type { Publication } from '../registry/Registry';
import { keepModel } from './keepModel';
import { NOTHING_KEPT } from './KeptModel';
import type { PublishTarget } from './openTarget';
import type { RegisteredModel } from './RegisterModelOptions';
import { toRegistered } from './toRegistered';
import { withPublication } from './withPublication';
import { writePackage, type PackageParts } from './writePackage';

/** Packs the parts straight into a registry's staging and makes them visible in one step. */
export async function publishPackage(
  { registry, name, existing, expectedDigest }: PublishTarget,
  parts: Omit<PackageParts, 'kept'>,
): Promise<RegisteredModel> {
  const kept = existing && !parts.save ? await keepModel(registry, existing) : NOTHING_KEPT;
  return writePackage<Publication, RegisteredModel>(
    { ...parts, kept },
    (use) => withPublication(registry, name, use),
    async ({ manifest, digest }, publication) => {
      refuseAborted(parts.signal, 'registration');
      const number = existing?.number ?? null;
      return toRegistered(await publication.commit({ manifest, number, expectedDigest }), digest);
    },
  );
}
