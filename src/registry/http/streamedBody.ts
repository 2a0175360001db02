import { Readable } from 'node:stream';
import type { StreamedBody } from './HttpRequest';

/** Any body as one that is streamed. */
export function streamedBody(body: Uint8Array | StreamedBody): StreamedBody {
  if (!(body instanceof Uint8Array)) return body;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks = bytes.length === 0 ? [] : [bytes];
  return { size: bytes.length, open: () => Promise.resolve(Readable.from(chunks, { objectMode: false })) };
}
