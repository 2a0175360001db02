import { checkOptions, type OptionShapes } from '../errors/checkOptions';
import { RunwrightError } from '../errors/RunwrightError';
import type { TensorValue } from '../schema/isTensorValue';
import type { RegisteredModel } from './RegisterModelOptions';
import type { RegisterTorchOptions } from './RegisterTorchOptions';

const SHAPES: OptionShapes<RegisterTorchOptions> = {
  registry: 'any',
  organizationName: 'any',
  repositoryName: 'any',
  modelNumber: 'any',
  expectedDigest: 'any',
  modelInstance: 'any',
  preprocess: 'any',
  postprocess: 'any',
  requirements: 'strings',
  inputs: 'list',
  input: 'any',
  output: 'any',
  runtime: 'string',
  tolerance: 'record',
  cases: 'count',
  entry: 'any',
  python: 'string',
  timeout: 'count',
  memoryLimit: 'count',
  maxBatchSize: 'count',
  onProgress: 'function',
  onWarning: 'function',
  logger: 'object',
  signal: 'signal',
};

/** Fewer would say too little about a model. */
const FEWEST_CASES = 32;

/**
 * Publishes a torch model under a number. By default torch exports it to ONNX here and now, the export is compared with the
 * original on generated inputs, and no Python is needed where it runs; with `runtime: 'torch'` a Python process runs it there.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_MODEL_FILE_INVALID, RW_PYTHON_MISSING, RW_EXPORT_FAILED, RW_PARITY_FAILED,
 *   RW_FUNCTION_INVALID, RW_STAGE_FAILED (the model fails on what was generated), RW_DEADLINE, RW_WORKER_FAILED, and as
 *   `registerModel` does for code and registries
 * @example
 * await registerTorchModel({
 *   repositoryName: 'digits',
 *   modelNumber: null,
 *   modelInstance: './digits.pt',
 *   inputs: [{ name: 'image', dtype: 'float32', shape: [-1, 1, 28, 28], range: [0, 1] }],
 *   postprocess: ({ output }: { output: { data: Float32Array } }) => ({
 *     digit: output.data.indexOf(Math.max(...output.data)),
 *   }),
 * });
 */
export async function registerTorchModel<
  Input = unknown,
  Outputs extends object = Readonly<Record<string, TensorValue>>,
>(options: RegisterTorchOptions<Input, Outputs>): Promise<RegisteredModel> {
  checkOptions<RegisterTorchOptions>('registerTorchModel', options, SHAPES);
  const { runtime, cases = FEWEST_CASES, tolerance = {} } = options;
  checkOptions('registerTorchModel, option `tolerance`', tolerance, { atol: 'any', rtol: 'any' });
  const refuse = (name: string, what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_OPTION_INVALID', { where: `registerTorchModel, option \`${name}\``, what, hint });
  if (runtime !== undefined && runtime !== 'onnx' && runtime !== 'torch') {
    throw refuse('runtime', 'there is no such runtime', "Pass 'onnx' (the default) or 'torch'");
  }
  if (cases < FEWEST_CASES) {
    throw refuse('cases', `it is ${cases}`, `Pass ${FEWEST_CASES} or more, or leave it out`);
  }
  const wrong = Object.entries(tolerance).find(
    ([, value]) => !(value === undefined || (Number.isFinite(value) && value >= 0)),
  );
  if (wrong)
    throw refuse(
      `tolerance.${wrong[0]}`,
      'it is not a number from 0 up',
      'Pass { atol, rtol }, or leave it out',
    );
  const { registerTorch } = await import('./torch/registerTorch.js');
  return registerTorch({ ...options, cases, tolerance });
}
