import type { ModelSignature } from '../models/tensor/ModelSignature';
import type { BundleWarning } from '../packer/bundle/Bundle';

/**
 * Says of a model whose items cannot share a run that they will not, and why.
 *
 * @param where the model's file
 * @param hint what to do where they could
 */
export function warnOneByOne(
  { batchReason }: ModelSignature,
  where: string,
  hint: string,
  onWarning: ((warning: BundleWarning) => void) | undefined,
): void {
  if (batchReason !== undefined)
    onWarning?.({ where, what: `items are run one by one: ${batchReason}`, hint });
}
