import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { totalmem } from 'node:os';
import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import { OnnxModel } from '../../models/onnx/OnnxModel';
import { checkTorchInputs } from '../../models/torch/checkTorchInputs';
import { inspectTorchFile } from '../../models/torch/inspectTorchFile';
import { TorchModel } from '../../models/torch/TorchModel';
import type { RegisterTorchOptions } from '../RegisterTorchOptions';
import { nameDimensions } from './nameDimensions';

/** Milliseconds for one step of Python's. */
export const DEFAULT_TIMEOUT = 10 * 60_000;
const SHARE_OF_MEMORY = 0.75;

/**
 * The user's `modelInstance`, opened for a registration: the caller releases it. An ONNX file becomes an `OnnxModel`.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_MODEL_FILE_INVALID; RW_LIBRARY_MISSING for an ONNX file without onnxruntime-node
 */
export async function openTorchModel(
  options: RegisterTorchOptions<never, never>,
): Promise<TorchModel | OnnxModel> {
  const given: unknown = await options.modelInstance;
  if (OnnxModel.is(given)) {
    refuseOfOnnx(options);
    return OnnxModel.fromFile(given.file, given.options);
  }
  const file = TorchModel.is(given) ? given.file : pathOf(given);
  const inputs = options.inputs ?? (TorchModel.is(given) ? given.inputs : undefined);
  if (inputs !== undefined) checkTorchInputs(inputs);
  const kind = await inspectTorchFile(file);
  if (kind === 'onnx') {
    refuseOfOnnx(options);
    return OnnxModel.fromFile(file);
  }
  const own = TorchModel.is(given) ? given : undefined;
  const {
    python = own?.python,
    timeout = DEFAULT_TIMEOUT,
    memoryLimit = Math.floor(totalmem() * SHARE_OF_MEMORY),
  } = options;
  // Of a .pt2 only values and examples are the user's to say, and the program has the shapes.
  const declared = kind === 'torchscript' && inputs ? nameDimensions(inputs) : undefined;
  return TorchModel.fromFile(file, {
    inputs: declared,
    batch: own?.batch,
    python,
    timeout,
    memoryLimit,
  });
}

function refuseOfOnnx({ runtime, inputs }: RegisterTorchOptions<never, never>): void {
  if (inputs === undefined && runtime !== 'torch') return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: `registerTorchModel, option \`${runtime === 'torch' ? 'runtime' : 'inputs'}\``,
    what: 'the model is an ONNX file, which says itself what it takes, and which torch does not run',
    hint: 'Leave it out, or give the file that torch saved',
  });
}

function pathOf(given: unknown): string {
  if (typeof given === 'string' && given !== '')
    return resolve(given.startsWith('file:') ? fileURLToPath(given) : given);
  if (given instanceof URL && given.protocol === 'file:') return fileURLToPath(given);
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'registerTorchModel, option `modelInstance`',
    what: `it is ${given === undefined || given === null ? 'absent' : describeType(given)}`,
    hint: 'Pass the path of a .pt, .pt2 or .onnx file, or a TorchModel made from one',
  });
}
