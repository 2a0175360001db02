import type { RegisteredModel } from './RegisterModelOptions';

/** A package that was brought to another registry. */
export interface CopiedModel extends RegisteredModel {
  /** False when a number of the target pointed at this package already: it is the answer, and nothing was made. */
  readonly sent: boolean;
}
