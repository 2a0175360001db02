import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ModelSignature, ModelTensor } from '../../models/tensor/ModelSignature';
import type { ParityReport } from '../../models/tensor/ParityReport';
import { saveOnnx } from '../../models/onnx/saveOnnx';
import type { TorchModel } from '../../models/torch/TorchModel';
import { untilAborted } from '../../models/torch/untilAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import { installedVersion } from '../installedVersion';
import type { RegisterProgress } from '../RegisterModelOptions';
import { checkParity } from './checkParity';
import { DEFAULT_RTOL, type Tolerance } from './Tolerance';
import { batchSizesOf, generateCases, generateInputs } from './generateCases';
import { OnnxProcess } from './OnnxProcess';
import type { PreparedModel } from './PreparedModel';
import { settleSignature } from './settleSignature';
import type { WatchedModel } from './watchTorch';

export interface ExportOptions {
  /** Where the ONNX file is made: an empty folder that stands until the model is saved. */
  readonly folder: string;
  readonly tolerance: Tolerance;
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RegisterProgress) => void) | undefined;
}

/** Of the batch that a model is traced with: neither one item, which torch may take for a fixed size, nor a size of the cases. */
const TRACED_BATCH = 2;

/**
 * Exports a torch model to ONNX, and compares the two.
 *
 * @throws RunwrightError RW_EXPORT_FAILED, RW_PARITY_FAILED, RW_DEADLINE, RW_WORKER_FAILED
 */
export async function exportTorch(
  model: TorchModel,
  { inputs, outputs, torchVersion, cases, together }: WatchedModel,
  { folder, tolerance, timeout, signal, onProgress }: ExportOptions,
): Promise<PreparedModel> {
  onProgress?.({ phase: 'export' });
  refuseSharedNames(inputs, outputs, model.file);
  const file = join(folder, 'model.onnx');
  const { batchName } = cases;
  const examples = generateInputs(inputs, batchName === undefined ? {} : { [batchName]: TRACED_BATCH });
  const { opset } = await model.export(
    { file, outputs: outputs.map(({ name }) => name), axes: axesOf([...inputs, ...outputs]), examples },
    { timeout, signal },
  );
  const exported = new OnnxProcess(model.file, timeout);
  try {
    const found = await untilAborted(exported.open(file, availableParallelism()), signal, model.file);
    refuseLost(inputs, found, model.file);
    const { batch } = model;
    const signature = settleSignature(found, { batch, together, where: model.file });
    const total = cases.count + Math.max(0, ...inputs.map((input) => input.examples?.length ?? 0));
    const compared = await checkParity(
      generateCases(inputs, cases),
      (tensors) => model.run(tensors, { signal }),
      (tensors) => exported.run(tensors),
      {
        tolerance,
        where: model.file,
        signal,
        onCase: (done) => onProgress?.({ phase: 'compare', bytes: done, total }),
      },
    );
    const parity: ParityReport = {
      runtimes: {
        torch: torchVersion,
        'onnxruntime-node': installedVersion('onnxruntime-node') ?? 'unknown',
      },
      opset,
      cases: total,
      batchSizes: batchSizesOf(cases),
      rtol: tolerance.rtol ?? DEFAULT_RTOL,
      outputs: compared,
    };
    return {
      signature,
      save: async (directory) => {
        await saveOnnx({ file, options: {}, signature }, directory);
        return { format: 'onnx', props: null, signature, parity };
      },
    };
  } finally {
    exported.close();
  }
}

/** Before the export, which would tell of it in words that lead elsewhere. */
function refuseSharedNames(
  inputs: readonly ModelTensor[],
  outputs: readonly ModelTensor[],
  where: string,
): void {
  const shared = inputs.find(({ name }) => outputs.some((output) => output.name === name));
  if (shared === undefined) return;
  throw new RunwrightError('RW_EXPORT_FAILED', {
    where,
    what: `an input and an output are both named ${shared.name}, and in an ONNX file every tensor has a name of its own`,
    hint: "Give the parameter of forward another name, and save the model again; or register it with runtime: 'torch'",
  });
}

/** What torch leaves out of an export is no input of it any more. */
function refuseLost(inputs: readonly ModelTensor[], found: ModelSignature, where: string): void {
  const lost = inputs.find(({ name }) => !found.inputs.some((input) => input.name === name));
  if (lost === undefined) return;
  throw new RunwrightError('RW_EXPORT_FAILED', {
    where,
    what: `the export has no input ${lost.name}: nothing that the model gives depends on it`,
    hint: "Save the model without that parameter of forward; or register it with runtime: 'torch'",
  });
}

/** By tensor, then by dimension: the names of the free ones. */
function axesOf(tensors: readonly ModelTensor[]): Record<string, Record<number, string>> {
  return Object.fromEntries(
    tensors.map(({ name, shape }) => [
      name,
      Object.fromEntries(
        shape.flatMap((size, axis): [number, string][] =>
          typeof size === 'string' ? [[axis, size === '' ? `${name}_${axis}` : size]] : [],
        ),
      ),
    ]),
  );
}
