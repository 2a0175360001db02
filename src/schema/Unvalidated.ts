/**
 * The explicit way out of validation: `@Preprocess({ input: Unvalidated })` takes any value as it is.
 *
 * @example
 * @Postprocess({ output: Unvalidated }) answer(output: unknown): unknown { return output; }
 */
export class Unvalidated {}
