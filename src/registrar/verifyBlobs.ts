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
 * Reads every blob of a package and compares it with its digest. A blob that is damaged does not hide the next one.
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
  const total = all.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const judge = async (descriptor: Descriptor): Promise<string | undefined> => {
    try {
      for await (const chunk of verifiedChunks(await blobs.stream(descriptor), descriptor, where)) {
        refuseAborted(signal, where);
        onBytes?.((done += chunk.length), total);
      }
      return undefined;
    } catch (error) {
      if (RunwrightError.is(error) && error.code === 'RW_PACKAGE_CORRUPT') return error.what;
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
