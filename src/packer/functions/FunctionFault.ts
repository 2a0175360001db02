/** Why a function cannot be shipped by its source. */
export interface FunctionFault {
  /** UTF-16 offset in the text; none when the whole function is meant. */
  readonly offset?: number | undefined;
  readonly what: string;
}
