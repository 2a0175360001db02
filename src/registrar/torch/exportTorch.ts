import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ModelTensor } from '../../models/tensor/ModelSignature';
import type { ParityReport } from '../../models/tensor/ParityReport';
import { saveOnnx } from '../../models/onnx/saveOnnx';
import type { TorchModel } from '../../models/torch/TorchModel';
import { installedVersion } from '../installedVersion';
import type { RegisterProgress } from '../RegisterModelOptions';
import { checkParity, DEFAULT_RTOL, type Tolerance } from './checkParity';
import { BATCH_SIZES, generateCases, generateInputs } from './generateCases';
import { OnnxProcess } from './OnnxProcess';
import type { PreparedModel } from './PreparedModel';
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
  { inputs, outputs, torchVersion, cases }: WatchedModel,
  { folder, tolerance, timeout, signal, onProgress }: ExportOptions,
): Promise<PreparedModel> {
  onProgress?.({ phase: 'export' });
  const file = join(folder, 'model.onnx');
  const { batchName } = cases;
  const examples = generateInputs(inputs, batchName === undefined ? {} : { [batchName]: TRACED_BATCH });
  const { opset } = await model.export(
    { file, outputs: outputs.map(({ name }) => name), axes: axesOf([...inputs, ...outputs]), examples },
    { timeout, signal },
  );
  const exported = new OnnxProcess(file);
  try {
    const signature = await exported.open(file, availableParallelism());
    const total = cases.count;
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
      cases: total + Math.max(0, ...inputs.map((input) => input.examples?.length ?? 0)),
      batchSizes: batchName === undefined ? [] : BATCH_SIZES,
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
