import { createHash } from 'node:crypto';
import { corruptBlob } from './corruptBlob';
import type { Descriptor } from './Descriptor';

/**
 * Passes a blob's bytes on, and fails when they are not the descriptor's: before there are more of them than its size, and
 * else at their end. So whoever has come to the end has the right ones.
 *
 * @param where the reference or the file of the package, for messages
 * @throws RunwrightError RW_PACKAGE_CORRUPT, and what `stream` throws
 */
export async function* verifiedChunks(
  stream: AsyncIterable<unknown>,
  descriptor: Descriptor,
  where: string,
): AsyncGenerator<Buffer> {
  const { digest, size } = descriptor;
  const hash = createHash('sha256');
  let seen = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    seen += chunk.length;
    if (seen > size) throw corruptBlob(where, descriptor, `it has more bytes than ${size}`);
    hash.update(chunk);
    yield chunk;
  }
  if (seen !== size) throw corruptBlob(where, descriptor, `it has ${seen} bytes, not ${size}`);
  if (`sha256:${hash.digest('hex')}` !== digest) {
    throw corruptBlob(where, descriptor, 'its bytes have another sha256');
  }
}
