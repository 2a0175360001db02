import type { ResponseBody } from './ResponseBody';

/**
 * Reads an answer into memory.
 *
 * @returns `undefined` when it has more than `limit` bytes; the rest is not read
 */
export async function readBody(body: ResponseBody, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
