import { corruptBlob } from '../artifact/corruptBlob';
import { distinctBlobs } from '../artifact/distinctBlobs';
import { parseOciManifest } from '../artifact/parseOciManifest';
import type { PublishTarget } from './openTarget';
import { PackProgress } from './PackProgress';
import type { RegisteredModel, RegistrationOptions } from './RegisterModelOptions';
import { toRegistered } from './toRegistered';
import type { CheckedArchive } from './withCheckedArchive';
import { withPublication } from './withPublication';

/** Publishes the package of an archive as it is: its digest stays. */
export async function publishArchive(
  { registry, name, existing, expectedDigest }: PublishTarget,
  { manifest, digest, blobs, where }: CheckedArchive,
  { signal, onProgress }: Pick<RegistrationOptions, 'signal' | 'onProgress'>,
): Promise<RegisteredModel> {
  const all = distinctBlobs(parseOciManifest(manifest, where));
  const total = all.reduce((sum, { size }) => sum + size, 0);
  return withPublication(registry, name, async (publication) => {
    const progress = new PackProgress(total, onProgress);
    for (const blob of all) {
      const { onBytes } = progress;
      const put = await publication.putFile(blobs.localPath(blob), { signal, onBytes });
      if (put.digest !== blob.digest || put.size !== blob.size) {
        throw corruptBlob(where, blob, 'its bytes are others than when it was unpacked');
      }
    }
    progress.publish();
    const number = existing?.number ?? null;
    return toRegistered(await publication.commit({ manifest, number, expectedDigest }), digest);
  });
}
