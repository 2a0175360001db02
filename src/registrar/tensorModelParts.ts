import { makeModelRunner } from '../models/tensor/makeModelRunner';
import type { ModelSignature } from '../models/tensor/ModelSignature';
import { describeRunner } from '../packer/manifest/describeRunner';
import { scanRunner } from '../scanner/scanRunner';
import type { PackageParts } from './writePackage';

export interface TensorModelInput {
  /** Of the runner. */
  readonly name: string;
  readonly signature: ModelSignature;
  /** Most items in one run. */
  readonly maxBatchSize?: number | undefined;
}

/** What a package without code is made of: the runner is made from the model, here and where it is loaded. */
export function tensorModelParts({
  name,
  signature,
  maxBatchSize,
}: TensorModelInput): Pick<PackageParts, 'runner' | 'code'> {
  const definition = scanRunner(makeModelRunner({ name, signature, maxBatchSize }));
  return { runner: describeRunner(definition, null), code: undefined };
}
