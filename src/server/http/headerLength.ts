import type { IncomingHttpHeaders } from 'node:http';

/** What an Open Inference Protocol client says of the JSON before its raw tensors. */
export const HEADER_LENGTH = 'inference-header-content-length';

/** `Inference-Header-Content-Length`: bytes of JSON before raw tensors. `undefined` when it is absent, NaN when it is no number. */
export function headerLength({ [HEADER_LENGTH]: text }: IncomingHttpHeaders): number | undefined {
  if (text === undefined) return undefined;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}
