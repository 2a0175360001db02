import type { Issue } from '../errors/Issue';
import type { SchemaDescription } from './SchemaDescription';

export type ParseResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Judges one side of a runner. An engine hides behind it: nothing above `schema/` knows class-validator.
 */
export interface Schema<T = unknown> extends SchemaDescription {
  /**
   * A safe, transformed copy of `value`, or every issue with it. Never throws for a bad value and never changes `value`.
   * A promise only where a rule is asynchronous.
   */
  parse(value: unknown): ParseResult<T> | Promise<ParseResult<T>>;
}
