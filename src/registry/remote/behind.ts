/** What a stream brings behind its first `offset` bytes. */
export async function* behind(stream: AsyncIterable<unknown>, offset: number): AsyncGenerator<Buffer> {
  let left = offset;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
