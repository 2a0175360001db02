import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import type { BlobOrigin } from '../remote/BlobOrigin';
import { UploadQueue } from '../remote/UploadQueue';
import type { Volume } from './Volume';
import { blobKey } from './volumeLayout';
import { isLarge, writeBlob } from './writeBlob';

/** Blobs that are sent at once; of those in parts one, which sends several parts at once. */
const CONCURRENCY = 8;

/** A blob and the key that it shall have. */
export interface Shipment {
  readonly descriptor: Descriptor;
  /** Its path in the package, or `blobKey`. */
  readonly key: string;
  readonly origin: BlobOrigin;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * Sends blobs, several at once. A path of a package is only ever written where there is nothing: whatever lies there may be
 * part of a package that somebody reads. A blob that finds its place taken goes to `blobKey`.
 *
 * @param present key to size of what lies on the volume
 * @returns where each lies: in the order of `shipments`
 */
export async function sendPackage(
  volume: Volume,
  shipments: readonly Shipment[],
  present: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<string[]> {
  const over = new AbortController();
  const keys: string[] = [];
  const small = new UploadQueue(CONCURRENCY);
  const large = new UploadQueue(1);
  const send = async (shipment: Shipment, index: number): Promise<void> => {
    const signals = [signal, over.signal, ...(shipment.signal === undefined ? [] : [shipment.signal])];
    keys[index] = await sendBlob(volume, { ...shipment, signal: AbortSignal.any(signals) }, present);
  };
  for (const [index, shipment] of shipments.entries()) {
    void (isLarge(shipment.descriptor) ? large : small).add(() =>
      send(shipment, index).catch((error: unknown) => {
        over.abort(error);
        throw error;
      }),
    );
  }
  const ends = await Promise.allSettled([small.done(), large.done()]);
  // What was called off fails too: the reason is the first failure.
  if (over.signal.aborted) throw over.signal.reason;
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return keys;
}

async function sendBlob(
  volume: Volume,
  { descriptor, key, origin, signal, onBytes }: Shipment,
  present: ReadonlyMap<string, number>,
): Promise<string> {
  const { digest, size } = descriptor;
  const own = blobKey(digest);
  const counted = countUpTo(size, onBytes);
  const done = (place: string): string => {
    counted.finish();
    return place;
  };
  if (key !== own) {
    if (present.has(key)) {
      if (await holds(volume, key, digest, size, signal)) return done(key);
    } else {
      const condition = { ifNoneMatch: '*' } as const;
      const options = { condition, signal, onBytes: counted.add };
      if (await writeBlob(volume, key, descriptor, origin, options)) return done(key);
      // An answer that got lost: then it is there by what was sent before.
      if (await holds(volume, key, digest, size, signal)) return done(key);
    }
  }
  if (present.get(own) === size) return done(own);
  await writeBlob(volume, own, descriptor, origin, { signal, onBytes: counted.add });
  return done(own);
}

async function holds(
  volume: Volume,
  key: string,
  digest: Digest,
  size: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const found = await volume.head(key, signal);
  return found?.digest === digest && found.size === size;
}

/** Passes on as much as there is, however often it is sent. */
function countUpTo(size: number, onBytes: ((count: number) => void) | undefined) {
  let left = size;
  const add = (count: number): void => {
    const counts = Math.min(count, left);
    left -= counts;
    if (counts > 0) onBytes?.(counts);
  };
  return { add, finish: () => add(left) };
}
