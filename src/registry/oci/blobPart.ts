import { Readable } from 'node:stream';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import type { StreamedBody } from '../http/HttpRequest';
import type { BlobOrigin } from '../remote/BlobOrigin';

/**
 * A part of a blob as the body of a request. It fails with RW_PACKAGE_CORRUPT where the blob has fewer bytes than it should,
 * and its last part also where it has more: then its last bytes are not sent.
 *
 * @param where for messages: the repository
 */
export function blobPart(
  origin: BlobOrigin,
  descriptor: Descriptor,
  offset: number,
  length: number,
  where: string,
): StreamedBody {
  const open = async (): Promise<Readable> =>
    Readable.from(take(await origin.open(offset), descriptor, offset, length, where), { objectMode: false });
  return { size: length, open };
}

async function* take(
  stream: AsyncIterable<unknown>,
  descriptor: Descriptor,
  offset: number,
  length: number,
  where: string,
): AsyncGenerator<Buffer> {
  const { size } = descriptor;
  const isEnd = offset + length === size;
  // A chunk goes out when what comes behind it is known.
  let held: Buffer | undefined;
  let left = length;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (isEnd && chunk.length > left) throw corruptBlob(where, descriptor, `it has more bytes than ${size}`);
    if (held !== undefined) yield held;
    held = chunk.subarray(0, left);
    left -= held.length;
    if (left === 0 && !isEnd) break;
  }
  if (left > 0) throw corruptBlob(where, descriptor, `it has ${offset + length - left} bytes, not ${size}`);
  if (held !== undefined) yield held;
}
