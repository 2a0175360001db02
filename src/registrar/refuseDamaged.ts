import { parseOciManifest } from '../artifact/parseOciManifest';
import { verifiedChunks } from '../artifact/verifiedChunks';
import { refuseAborted } from '../errors/refuseAborted';
import type { RunnerSource } from './openRunner';

/** Reads every blob of a package once. @throws RunwrightError RW_PACKAGE_CORRUPT (the first one damaged), RW_ABORTED */
export async function refuseDamaged(
  { manifest, blobs, where }: RunnerSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { config, layers } = parseOciManifest(manifest, where);
  for (const descriptor of [config, ...layers]) {
    refuseAborted(signal, where);
    for await (const chunk of verifiedChunks(await blobs.stream(descriptor), descriptor, where)) void chunk;
  }
}
