import type { WireError } from './WireError';

/** One outcome of `runMany` as it is sent; the value is encoded by itself. */
export type WireOutcome =
  { readonly ok: true; readonly value: Uint8Array } | { readonly ok: false; readonly error: WireError };
