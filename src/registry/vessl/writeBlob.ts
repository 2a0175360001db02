import type { Descriptor } from '../../artifact/Descriptor';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { RunwrightError } from '../../errors/RunwrightError';
import type { BlobOrigin } from '../remote/BlobOrigin';
import { MultipartUpload } from './MultipartUpload';
import type { UnfinishedWork } from './UnfinishedWork';
import type { Volume, WriteOptions } from './Volume';

/** Bytes: what is held in memory of one blob, as the Python SDK does. A store takes no parts under 5 MiB. */
const PART_SIZE = 8 * 1024 * 1024;
/** Most parts of an object, https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PARTS = 10_000;
/** Parts that are sent at once. */
const CONCURRENCY = 8;

/** Whether a blob is sent in parts. */
export function isLarge({ size }: Pick<Descriptor, 'size'>): boolean {
  return size >= PART_SIZE;
}

export interface BlobOptions extends Omit<WriteOptions, 'headers'> {
  /** Where uploads in parts are remembered. */
  readonly uploads: UnfinishedWork;
}

/**
 * Puts a blob into a volume, all or nothing: in one request, or from 8 MiB on in parts, each of which is sent again by itself.
 * Its bytes are compared with its digest before they become an object.
 *
 * @returns whether it lies there; false when the condition does not hold, and something else does
 * @throws RunwrightError RW_PACKAGE_CORRUPT, RW_IO, and what `Volume.send` throws
 */
export async function writeBlob(
  volume: Volume,
  key: string,
  descriptor: Descriptor,
  origin: BlobOrigin,
  { uploads, ...options }: BlobOptions,
): Promise<boolean> {
  const chunks = verifiedChunks(await origin.open(0), descriptor, volume.where);
  if (isLarge(descriptor)) {
    const upload = await MultipartUpload.open({ volume, key, descriptor, signal: options.signal }, uploads);
    return writeParts(upload, descriptor, chunks, options);
  }
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  if (await volume.write(key, Buffer.concat(parts), descriptor.digest, options)) return true;
  // The answer to an earlier try may have got lost.
  return volume.holds(key, descriptor, options.signal);
}

async function writeParts(
  upload: MultipartUpload,
  { size }: Descriptor,
  chunks: AsyncIterable<Buffer>,
  { condition, signal, onBytes }: Omit<WriteOptions, 'headers'>,
): Promise<boolean> {
  const failed = new AbortController();
  const signals = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const sending = new Set<Promise<void>>();
  try {
    let index = 0;
    for await (const bytes of inParts(chunks, Math.max(PART_SIZE, Math.ceil(size / MAX_PARTS)))) {
      if (sending.size >= CONCURRENCY) await Promise.race(sending);
      const part: Promise<void> = upload
        .send(index++, bytes, { signal: signals, onBytes })
        .then(() => void sending.delete(part));
      // Its failure is seen by whoever waits for it next.
      part.catch(() => undefined);
      sending.add(part);
    }
    await Promise.all(sending);
    const isThere = await upload.complete(condition);
    await (isThere ? upload.forget() : upload.abort());
    return isThere;
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(sending);
    // What was called off may have been so because another blob was cut off.
    const reason: unknown = signal?.aborted ? signal.reason : error;
    const isCutOff = RunwrightError.is(reason) && reason.code === 'RW_REGISTRY_UNAVAILABLE';
    await (isCutOff ? upload.release() : upload.abort());
    throw error;
  }
}

async function* inParts(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (let chunk of chunks) {
    while (length + chunk.length >= size) {
      const rest = size - length;
      yield Buffer.concat([...held, chunk.subarray(0, rest)]);
      chunk = chunk.subarray(rest);
      held = [];
      length = 0;
    }
    held.push(chunk);
    length += chunk.length;
  }
  if (length > 0) yield Buffer.concat(held);
}
