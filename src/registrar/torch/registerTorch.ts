import { join } from 'node:path';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import { OnnxModel } from '../../models/onnx/OnnxModel';
import { MAX_BATCH_SIZE } from '../../models/tensor/makeModelRunner';
import { TorchModel } from '../../models/torch/TorchModel';
import { functionModule } from '../../packer/functions/functionModule';
import { entryPath } from '../entryPath';
import { checkCode } from '../checkCode';
import { installedVersion } from '../installedVersion';
import { openTarget } from '../openTarget';
import { prepareCode, type PreparedCode } from '../prepareCode';
import { publishPackage } from '../publishPackage';
import type { RegisteredModel } from '../RegisterModelOptions';
import type { RegisterTorchOptions } from '../RegisterTorchOptions';
import { tensorModelParts } from '../tensorModelParts';
import { tensorModelSaver } from '../tensorModelSaver';
import { warnOneByOne } from '../warnOneByOne';
import { withTemporaryFolder } from '../withTemporaryFolder';
import type { Tolerance } from './Tolerance';
import { exportTorch } from './exportTorch';
import { DEFAULT_TIMEOUT, openTorchModel } from './openTorchModel';
import type { PreparedModel } from './PreparedModel';
import { settleSignature } from './settleSignature';
import { shipFunctions, type Shipment } from './shipFunctions';
import { watchTorch } from './watchTorch';

export interface CheckedTorchOptions extends RegisterTorchOptions<never, never> {
  readonly cases: number;
  readonly tolerance: Tolerance;
}

/** `registerTorchModel`, after its options were checked. Nothing is written to the registry before everything has been tried. */
export async function registerTorch(options: CheckedTorchOptions): Promise<RegisteredModel> {
  const { signal, onProgress } = options;
  refuseAborted(signal, 'registration');
  const target = await openTarget(options);
  const entry = options.entry === undefined ? undefined : entryPath(options.entry);
  const shipped = await shipFunctions(options, entry);
  if (!shipped) refuseLooseEnds(options);
  if (options.runtime !== 'torch') requireOnnxRuntime();
  const model = await openTorchModel(options);
  try {
    return await withTemporaryFolder(async (folder) => {
      const prepared = await prepare(model, folder, options);
      refuseAborted(signal, 'registration');
      const { repository: name } = target.name;
      const { signature, largestBatch } = prepared;
      const maxBatchSize = within(options.maxBatchSize, largestBatch);
      const hint = 'Declare dimension 0 of every input free (-1), if it counts items';
      warnOneByOne(signature, model.file, hint, options.onWarning);
      const made = shipped
        ? await withFunctions(
            { name, signature, ...(maxBatchSize && { maxBatchSize }) },
            shipped,
            entry,
            options,
          )
        : tensorModelParts({ name, signature, maxBatchSize });
      return publishPackage(target, {
        ...made,
        save: prepared.save,
        artifacts: { keys: [], files: [] },
        signal,
        onProgress,
      });
    });
  } finally {
    await model.release();
  }
}

async function prepare(
  model: TorchModel | OnnxModel,
  folder: string,
  options: CheckedTorchOptions,
): Promise<PreparedModel> {
  const { signal, onProgress, tolerance, cases: count, timeout = DEFAULT_TIMEOUT, inputs, runtime } = options;
  const given: unknown = await options.modelInstance;
  if (OnnxModel.is(model)) {
    return { signature: model.signature, save: tensorModelSaver(model, 'onnx') };
  }
  onProgress?.({ phase: 'export' });
  const watched = await watchTorch(model, {
    given: inputs ?? model.inputs ?? [],
    count,
    tolerance,
    mustRepeat: runtime !== 'torch',
    signal,
  });
  const { batchName = '', sizes } = watched.cases;
  const largestBatch = sizes?.[batchName]?.max;
  if (runtime !== 'torch') {
    const exported = await exportTorch(model, watched, { folder, tolerance, timeout, signal, onProgress });
    return { ...exported, largestBatch };
  }
  const signature = settleSignature(model.declareOutputs(watched.outputs), {
    batch: model.batch,
    together: watched.together,
    where: model.file,
  });
  // What bounds this registration does not bound the runs to come.
  const { timeout: runTimeout, memoryLimit } = TorchModel.is(given) ? given : {};
  const saved = TorchModel.withSignature(model.file, model.kind, signature, {
    timeout: runTimeout,
    memoryLimit,
  });
  return { signature, save: tensorModelSaver(saved, 'torch'), largestBatch };
}

/** The user's wish, or the default, but no more than the model takes. */
function within(wanted: number | undefined, largest: number | undefined): number | undefined {
  return largest === undefined ? wanted : Math.min(wanted ?? MAX_BATCH_SIZE, largest);
}

/** Before minutes are spent on an export that nothing here could open. */
function requireOnnxRuntime(): void {
  if (installedVersion('onnxruntime-node') !== undefined) return;
  throw new RunwrightError('RW_LIBRARY_MISSING', {
    where: 'onnxruntime-node',
    what: 'it compares an exported model with the original and runs it, and is not installed',
    hint: "Run `npm install onnxruntime-node`; or register the model with runtime: 'torch', which needs Python wherever it runs",
  });
}

/** Options that only mean something beside a function or a type. */
function refuseLooseEnds({ requirements = [], entry }: RegisterTorchOptions<never, never>): void {
  const name = requirements.length > 0 ? 'requirements' : entry === undefined ? undefined : 'entry';
  if (name === undefined) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: `registerTorchModel, option \`${name}\``,
    what: 'it is given, and neither `preprocess`, `postprocess`, `input` nor `output` is, which could use it',
    hint: 'Leave it out: a model alone needs no code',
  });
}

async function withFunctions(
  parts: Readonly<Record<string, unknown>>,
  { refusals, ...shipped }: Shipment,
  entry: string | undefined,
  { requirements = [], onWarning, onProgress, signal }: RegisterTorchOptions<never, never>,
): Promise<{ code: PreparedCode; runner: Awaited<ReturnType<typeof checkCode>> }> {
  onProgress?.({ phase: 'bundle' });
  const source = functionModule({ parts, entry, ...shipped });
  // Without an entry, packages are those of the project that the program works in.
  const place = entry === undefined ? join(process.cwd(), 'runwright.functions.js') : `${entry}.runwright.js`;
  const code = await prepareCode(place, requirements, onWarning, { source }).catch((error: unknown) => {
    const [refusal] = refusals;
    if (!refusal || !RunwrightError.is(error) || error.code !== 'RW_BUNDLE_FAILED') throw error;
    throw new RunwrightError(refusal.code, {
      where: refusal.where,
      what: `${refusal.what}; and it could not be taken from the entry: ${error.what}`,
      hint: refusal.hint,
      cause: error,
    });
  });
  refuseAborted(signal, 'registration');
  onProgress?.({ phase: 'check' });
  return { code, runner: await checkCode(code, { exportName: 'runner' }, signal) };
}
