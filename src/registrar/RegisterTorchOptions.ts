import type { Logger } from '../metadata/contexts';
import type { TypeRef } from '../metadata/TypeRef';
import type { OnnxSource } from '../models/onnx/OnnxSource';
import type { ModelFunction } from '../models/tensor/ModelFunction';
import type { TensorValue } from '../schema/isTensorValue';
import type { TorchInput } from '../models/torch/TorchInput';
import type { TorchSource } from '../models/torch/TorchSource';
import type { RegistrationOptions } from './RegisterModelOptions';
import type { Tolerance } from './torch/Tolerance';

/**
 * @typeParam Input what the caller sends
 * @typeParam Outputs the output tensors, as far as `postprocess` knows them
 */
export interface RegisterTorchOptions<
  Input = unknown,
  Outputs extends object = Readonly<Record<string, TensorValue>>,
> extends RegistrationOptions {
  /**
   * The model's file: TorchScript (`.pt`), an exported program (`.pt2`), or an ONNX file that came from torch; or a `TorchModel`
   * or `OnnxModel` made from one. A TorchScript file is a program: trust it as one.
   */
  readonly modelInstance: string | URL | TorchSource | OnnxSource | Promise<TorchSource | OnnxSource>;
  /**
   * From the caller's input to the tensors by name, or the one tensor: `Tensor`s, nested arrays or typed arrays. A function that
   * stands alone, or an export of `entry`. Default: the input has one field for each input of the model.
   */
  readonly preprocess?: ModelFunction<Input> | undefined;
  /** From the output tensors by name to the caller's output. Default: the output has one field for each output of the model. */
  readonly postprocess?: ModelFunction<Outputs> | undefined;
  /** npm packages that the functions reach by `await import()`: `name` (the version installed here) or `name@1.2.3`. */
  readonly requirements?: readonly string[] | undefined;
  /** Required for `.pt`, which holds no shapes, in the order of the model's arguments; for `.pt2`, ranges and examples by name. */
  readonly inputs?: readonly TorchInput[] | undefined;
  /** Type of what the caller sends: an export of `entry`. */
  readonly input?: TypeRef | undefined;
  /** Type of what the caller gets: an export of `entry`. */
  readonly output?: TypeRef | undefined;
  /**
   * `onnx` (the default): torch exports the model now, and no Python is needed where it runs. `torch`: a Python with torch runs
   * it, for models that cannot be exported.
   */
  readonly runtime?: 'onnx' | 'torch' | undefined;
  /** How far the export may be from the original. */
  readonly tolerance?: Tolerance | undefined;
  /** Generated inputs that both are run on; at least 32, the default. */
  readonly cases?: number | undefined;
  /** The module that exports functions and types which cannot travel by their source. */
  readonly entry?: string | URL | undefined;
  /** The Python to use. Default: `$RUNWRIGHT_PYTHON`, else the first on PATH that has torch. */
  readonly python?: string | undefined;
  /** Milliseconds that one run of the model, or its export, may take. Default 10 minutes. Starting Python has two minutes. */
  readonly timeout?: number | undefined;
  /** Bytes that the Python process may hold. Default: three quarters of the machine's. */
  readonly memoryLimit?: number | undefined;
  /** Most items in one run, where the model can stack them. Default 32. */
  readonly maxBatchSize?: number | undefined;
  readonly logger?: Logger | undefined;
}
