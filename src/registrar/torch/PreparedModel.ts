import type { ModelSignature } from '../../models/tensor/ModelSignature';
import type { ModelSaver } from '../modelSaver';

/** A model that is ready to be packed: how it is saved, and what it takes and gives. */
export interface PreparedModel {
  readonly signature: ModelSignature;
  readonly save: ModelSaver;
  /** Most items that it takes at once, where it says so. */
  readonly largestBatch?: number | undefined;
}
