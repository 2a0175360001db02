import type { IncomingHttpHeaders } from 'node:http';
import { HEADER_LENGTH } from './readBody';

/** `Inference-Header-Content-Length`: bytes of JSON before raw tensors. `undefined` when it is absent, NaN when it is no number. */
export function headerLength({ [HEADER_LENGTH]: text }: IncomingHttpHeaders): number | undefined {
  if (text === undefined) return undefined;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}
