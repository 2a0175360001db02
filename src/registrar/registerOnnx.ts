import { describeType } from '../errors/describeType';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import { OnnxModel } from '../models/onnx/OnnxModel';
import { openTarget } from './openTarget';
import { publishPackage } from './publishPackage';
import type { RegisteredModel, RegisterOnnxOptions } from './RegisterModelOptions';
import { tensorModelParts } from './tensorModelParts';
import { tensorModelSaver } from './tensorModelSaver';
import { warnOneByOne } from './warnOneByOne';

const ALLOWED: readonly string[] = [
  'registry',
  'organizationName',
  'repositoryName',
  'modelNumber',
  'expectedDigest',
  'modelInstance',
  'maxBatchSize',
  'onProgress',
  'onWarning',
  'signal',
  'logger',
] satisfies (keyof RegisterOnnxOptions | 'logger')[];

/** `registerModel` for an ONNX model alone, whose package holds no code. */
export async function registerOnnx(options: RegisterOnnxOptions): Promise<RegisteredModel> {
  const { signal, onProgress, maxBatchSize } = options;
  const model = refuseOthers(await options.modelInstance);
  const stray = Object.entries(options).find(
    ([key, value]) => value !== undefined && !ALLOWED.includes(key),
  )?.[0];
  if (stray !== undefined) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `registerModel, option \`${stray}\``,
      what: 'it is for a runner class, and none is given: the runner is made from the ONNX model',
      hint: 'Leave it out, or pass `runner` and `entry` too',
    });
  }
  const target = await openTarget(options);
  refuseAborted(signal, 'registration');
  const { repository: name } = target.name;
  const parts = tensorModelParts({ name, signature: model.signature, maxBatchSize });
  const hint =
    'Export it with dimension 0 free, under one name for all, where it counts items; or open it with `batch: true`';
  warnOneByOne(model.signature, model.file, hint, options.onWarning);
  return publishPackage(target, {
    ...parts,
    save: tensorModelSaver(model, 'onnx'),
    artifacts: { files: [], keys: [] },
    signal,
    onProgress,
  });
}

function refuseOthers(model: unknown): OnnxModel {
  if (OnnxModel.is(model)) return model;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'registerModel',
    what: `neither \`runner\` nor \`entry\` is given, and \`modelInstance\` is ${describeType(model)}, from which no runner can be made`,
    hint: "Pass `runner` and `entry`; or `modelInstance: await OnnxModel.fromFile('model.onnx')`, of runwright/onnx; for a torch model call `registerTorchModel`",
  });
}
