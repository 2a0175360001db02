import { digestOf, hexOf } from '../../artifact/Digest';
import type { Descriptor } from '../../artifact/Descriptor';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { RunwrightError } from '../../errors/RunwrightError';
import type { BlobOrigin } from '../remote/BlobOrigin';
import { DIGEST_HEADER, type Volume, type WriteOptions } from './Volume';

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

/**
 * Puts a blob into a volume, all or nothing: in one request, or from 8 MiB on in parts, each of which is sent again by itself.
 * Its bytes are compared with its digest before they become an object.
 *
 * @returns false when the condition does not hold
 * @throws RunwrightError RW_PACKAGE_CORRUPT, and what `Volume.send` throws
 */
export async function writeBlob(
  volume: Volume,
  key: string,
  descriptor: Descriptor,
  origin: BlobOrigin,
  options: Omit<WriteOptions, 'headers'> = {},
): Promise<boolean> {
  const chunks = verifiedChunks(await origin.open(0), descriptor, volume.where);
  if (isLarge(descriptor)) return writeParts(volume, key, descriptor, chunks, options);
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return volume.write(key, Buffer.concat(parts), descriptor.digest, options);
}

async function writeParts(
  volume: Volume,
  key: string,
  { digest, size }: Descriptor,
  chunks: AsyncIterable<Buffer>,
  { condition, signal, onBytes }: Omit<WriteOptions, 'headers'>,
): Promise<boolean> {
  const failed = new AbortController();
  const signals = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const headers = { [DIGEST_HEADER]: digest };
  const begun = await volume.send({
    method: 'POST',
    key,
    query: { uploads: '' },
    headers,
    accept: [200],
    signal,
  });
  const uploadId = unescapeXml(/<UploadId>([^<]+)<\/UploadId>/.exec(begun.body.toString())?.[1]);
  if (uploadId === undefined) throw strange(volume, key, 'it gives no id for an upload in parts');

  const etags: string[] = [];
  const sending = new Set<Promise<void>>();
  const send = async (index: number, bytes: Buffer): Promise<void> => {
    const { headers: answer } = await volume.send({
      method: 'PUT',
      key,
      query: { uploadId, partNumber: String(index + 1) },
      body: bytes,
      sha256: hexOf(digestOf(bytes)),
      accept: [200],
      signal: signals,
      onBytes,
    });
    if (answer.etag === undefined) throw strange(volume, key, 'it gives no ETag for a part');
    etags[index] = answer.etag;
  };
  try {
    let index = 0;
    for await (const bytes of inParts(chunks, Math.max(PART_SIZE, Math.ceil(size / MAX_PARTS)))) {
      if (sending.size >= CONCURRENCY) await Promise.race(sending);
      const part: Promise<void> = send(index++, bytes).then(() => void sending.delete(part));
      // Its failure is seen by whoever waits for it next.
      part.catch(() => undefined);
      sending.add(part);
    }
    await Promise.all(sending);
    return await complete(volume, key, uploadId, etags, { condition, signal });
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(sending);
    await volume
      .send({ method: 'DELETE', key, query: { uploadId }, accept: [200, 204, 404] })
      .catch(() => undefined);
    throw error;
  }
}

async function complete(
  volume: Volume,
  key: string,
  uploadId: string,
  etags: readonly string[],
  { condition, signal }: Pick<WriteOptions, 'condition' | 'signal'>,
): Promise<boolean> {
  const parts = etags.map(
    (etag, index) => `<Part><ETag>${escapeXml(etag)}</ETag><PartNumber>${index + 1}</PartNumber></Part>`,
  );
  const body = Buffer.from(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
  );
  return volume.conditionally(
    { method: 'POST', key, query: { uploadId }, body, sha256: hexOf(digestOf(body)), accept: [200], signal },
    condition,
  );
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

function strange(volume: Volume, key: string, fault: string): RunwrightError {
  return new RunwrightError('RW_REGISTRY_ANSWER', {
    where: volume.where,
    what: `the object store of the model does not take ${key}: ${fault}`,
    hint: 'Try again; if it stays so, ask whoever runs the store',
  });
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function unescapeXml(text: string | undefined): string | undefined {
  return text
    ?.replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}
