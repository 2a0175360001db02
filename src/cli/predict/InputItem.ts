import type { RunwrightError } from '../../errors/RunwrightError';

/** One input of a prediction, or why there is none. */
export type InputItem =
  | { readonly ok: true; readonly line: number; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly error: RunwrightError };

/** What is read from a file or from stdin. */
export type Inputs =
  | { readonly kind: 'document'; readonly item: InputItem }
  /** Items in groups of those that could be read at once. */
  | { readonly kind: 'lines'; readonly groups: AsyncIterable<readonly InputItem[]> };
