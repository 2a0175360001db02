import { createSignature } from '../../models/tensor/createSignature';
import type { ModelSignature } from '../../models/tensor/ModelSignature';

export interface BatchFacts {
  /** What the user declared. */
  readonly batch: boolean | undefined;
  /** Why items cannot share a run, as the model has shown. */
  readonly together: string | undefined;
  /** For messages: the model's file. */
  readonly where: string;
}

/**
 * The signature with the last word on stacking: what the user declared, else what the model has shown, else its names.
 *
 * @throws RunwrightError RW_OPTION_INVALID when `batch` is true and a dimension 0 is absent or fixed
 */
export function settleSignature(
  { inputs, outputs }: ModelSignature,
  { batch, together, where }: BatchFacts,
): ModelSignature {
  if (batch === undefined && together !== undefined) {
    return { inputs, outputs, batch: false, batchReason: together };
  }
  return createSignature(inputs, outputs, { batch, where });
}
