import type { Descriptor } from '../../artifact/Descriptor';
import { RunwrightError } from '../../errors/RunwrightError';
import type { BlobOrigin } from '../remote/BlobOrigin';
import { UploadQueue } from '../remote/UploadQueue';
import type { UnfinishedWork } from './UnfinishedWork';
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
 * @param uploads where uploads in parts are remembered
 * @returns where each lies: in the order of `shipments`
 */
export async function sendPackage(
  volume: Volume,
  shipments: readonly Shipment[],
  present: ReadonlyMap<string, number>,
  uploads: UnfinishedWork,
  signal: AbortSignal,
): Promise<string[]> {
  const over = new AbortController();
  const keys: string[] = [];
  const small = new UploadQueue(CONCURRENCY);
  const large = new UploadQueue(1);
  const send = async (shipment: Shipment, index: number): Promise<void> => {
    const signals = [signal, over.signal, ...(shipment.signal === undefined ? [] : [shipment.signal])];
    keys[index] = await sendBlob(volume, { ...shipment, signal: AbortSignal.any(signals) }, present, uploads);
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
  uploads: UnfinishedWork,
): Promise<string> {
  const { digest, size } = descriptor;
  const own = blobKey(digest);
  const counted = countUpTo(size, onBytes);
  const done = (place: string): string => {
    counted.finish();
    return place;
  };
  const options = { uploads, signal, onBytes: counted.add };
  if (key !== own) {
    if (present.has(key)) {
      if (await volume.holds(key, descriptor, signal)) return done(key);
    } else {
      const condition = { ifNoneMatch: '*' } as const;
      if (await writeBlob(volume, key, descriptor, origin, { ...options, condition })) return done(key);
    }
  }
  if (present.get(own) === size) return done(own);
  if (await writeBlob(volume, own, descriptor, origin, options)) return done(own);
  throw new RunwrightError('RW_REGISTRY_ANSWER', {
    where: volume.where,
    what: `the object store of the model does not keep ${own}: what was sent has gone`,
    hint: 'Try again; if it stays so, ask whoever runs the store whether it deletes uploads that are not finished',
  });
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
