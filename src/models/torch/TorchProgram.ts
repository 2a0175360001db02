/** An input or output of a model as its file declares it. */
export interface TorchProgramTensor {
  readonly name: string;
  /** `Tensor`, or what a model's input is that is not one. */
  readonly type: string;
  /** Whether the model has a default for it. */
  readonly optional: boolean;
  /** torch's name of it; `.pt2` only. */
  readonly dtype?: string;
  /** Sizes, and symbols of free dimensions such as `s0`; `.pt2` only. */
  readonly shape?: readonly (number | string)[];
}

/** What the side-car tells of the file that it has loaded. */
export interface TorchProgram {
  readonly torchVersion: string;
  readonly inputs: readonly TorchProgramTensor[];
  /** `.pt2` only: a TorchScript file says nothing of them. */
  readonly outputs?: readonly TorchProgramTensor[];
  /** By symbol, the least and the largest size, `null` where there is no limit; `.pt2` only. */
  readonly ranges?: Readonly<Record<string, readonly [number | null, number | null]>>;
}
