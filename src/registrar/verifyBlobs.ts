import type { Descriptor } from '../artifact/Descriptor';
import type { Digest } from '../artifact/Digest';
import { ANNOTATIONS } from '../artifact/mediaTypes';
import { parseOciManifest } from '../artifact/parseOciManifest';
import { verifiedChunks } from '../artifact/verifiedChunks';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import { readContents } from '../packer/package/readContents';
import type { RunnerSource } from './openRunner';

export interface BlobCheck {
  readonly digest: Digest;
  /** Bytes that it should have. */
  readonly size: number;
  /** Where it stands in an opened package; `null` for the config. */
  readonly path: string | null;
  readonly ok: boolean;
  /** What is wrong with it. */
  readonly fault?: string;
}

export interface VerifyBlobsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes go by, with how many so far and how many in all. */
  readonly onBytes?: ((bytes: number, total: number) => void) | undefined;
}

/**
 * Reads every blob of a package and compares it with its digest. A blob that is damaged does not hide the next one. Those of a
 * registry that is far away are fetched into the cache, unless they are there.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_ABORTED, RW_IO
 */
export async function verifyBlobs(
  { manifest, blobs, where }: RunnerSource,
  { signal, onBytes }: VerifyBlobsOptions = {},
): Promise<BlobCheck[]> {
  readContents(manifest, where);
  const { config, layers } = parseOciManifest(manifest, where);
  const all = [config, ...layers];
  // Those that are far away come here first, and are read here then.
  const total = (blobs.fetch === undefined ? 1 : 2) * all.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  await blobs
    .fetch?.(all, { signal, onBytes: (count) => onBytes?.((done += count), total) })
    // The one that is damaged is found again below, by its name.
    .catch((error: unknown) => {
      if (!isCorrupt(error)) throw error;
    });
  const judge = async (descriptor: Descriptor): Promise<string | undefined> => {
    try {
      for await (const chunk of verifiedChunks(await blobs.stream(descriptor), descriptor, where)) {
        refuseAborted(signal, where);
        onBytes?.((done += chunk.length), total);
      }
      return undefined;
    } catch (error) {
      if (isCorrupt(error)) return error.what;
      throw error;
    }
  };

  const checks: BlobCheck[] = [];
  for (const descriptor of all) {
    const { digest, size, annotations } = descriptor;
    const fault = await judge(descriptor);
    const path = annotations?.[ANNOTATIONS.filepath] ?? null;
    checks.push({ digest, size, path, ok: fault === undefined, ...(fault !== undefined && { fault }) });
  }
  return checks;
}

function isCorrupt(error: unknown): error is RunwrightError {
  return RunwrightError.is(error) && error.code === 'RW_PACKAGE_CORRUPT';
}
