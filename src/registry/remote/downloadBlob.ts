import { corruptBlob } from '../../artifact/corruptBlob';
import type { PartialBlob } from './PartialBlob';
import { readOn } from './readOn';
import type { RemoteBlobs } from './RemoteBlobs';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the size as it grows; it starts again at 0 for a second time. */
  readonly onSize: (size: number) => void;
}

/**
 * Brings what is missing of a blob. Bytes that turn out to be wrong are fetched once more from the beginning: what a killed
 * process left may be, and a middlebox may have spoilt them.
 *
 * @param where for messages: the registry or the repository
 * @throws RunwrightError RW_PACKAGE_CORRUPT, RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_ABORTED, RW_IO
 */
export async function downloadBlob(
  remote: RemoteBlobs,
  partial: PartialBlob,
  where: string,
  { signal, onSize }: DownloadOptions,
): Promise<void> {
  const { descriptor } = partial;
  for (let isSecond = false; ; isSecond = true) {
    const offset = partial.size;
    onSize(offset);
    await partial.append(readOn(remote, descriptor, where, { offset, signal }), onSize);
    const { fault } = partial;
    if (fault === undefined) return;
    if (isSecond) throw corruptBlob(where, descriptor, fault);
    await partial.restart();
  }
}
