import type { TorchInput } from './TorchInput';

export interface TorchModelOptions {
  /** What the model takes. Needed for a TorchScript file; an exported program (`.pt2`) knows it. */
  readonly inputs?: readonly TorchInput[] | undefined;
  /** A Python with torch: a path, or the name of a program. Default: RUNWRIGHT_PYTHON, else the first on PATH that has torch. */
  readonly python?: string | undefined;
  /** Milliseconds that one run may take. Default 60000. */
  readonly timeout?: number | undefined;
  /** Bytes of resident memory beyond which the Python process is ended and started again; Linux only. Default: no limit. */
  readonly memoryLimit?: number | undefined;
  /**
   * Whether dimension 0 of all inputs and outputs counts items that do not depend on each other, so that they may be stacked.
   * Default: where it has one and the same name everywhere.
   */
  readonly batch?: boolean | undefined;
}
