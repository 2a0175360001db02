import { checkOptions, type OptionShapes } from '../errors/checkOptions';
import { RunwrightError } from '../errors/RunwrightError';
import { describeRunner } from '../packer/manifest/describeRunner';
import { resolveArtifacts } from '../packer/artifacts/resolveArtifacts';
import { scanRunner } from '../scanner/scanRunner';
import { checkCombination } from './checkCombination';
import { compareRunners } from './compareRunners';
import { entryPath } from './entryPath';
import { modelSaver } from './modelSaver';
import { openTarget } from './openTarget';
import { refuseAborted } from '../errors/refuseAborted';
import type {
  RegisteredModel,
  RegisterModelOptions,
  RegisterOnnxOptions,
  RegisterRunnerOptions,
} from './RegisterModelOptions';

const SHAPES: OptionShapes<RegisterRunnerOptions & Pick<RegisterOnnxOptions, 'maxBatchSize'>> = {
  registry: 'any',
  organizationName: 'any',
  repositoryName: 'any',
  modelNumber: 'any',
  expectedDigest: 'any',
  runner: 'any',
  entry: 'any',
  modelInstance: 'any',
  maxBatchSize: 'count',
  requirements: 'strings',
  artifacts: 'record',
  exportName: 'string',
  onProgress: 'function',
  onWarning: 'function',
  logger: 'object',
  signal: 'signal',
};

/**
 * Packs a runner with its model and files, and publishes it under a number. Everything is checked before anything is
 * written; a process that dies on the way leaves the registry as it was.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_RUNNER_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_CONFLICT, RW_ARTIFACT_INVALID,
 *   RW_ENTRY_INVALID, RW_ENTRY_REGISTERS, RW_BUNDLE_FAILED, RW_BUNDLE_READS_FILES, RW_REQUIREMENT_INVALID,
 *   RW_PACKAGE_CHECK_FAILED, RW_STAGE_FAILED (`@Save`), RW_PROPS_INVALID, RW_MODEL_NOT_SERIALIZABLE, RW_ABORTED, RW_IO
 * @example
 * const { reference } = await registerModel({
 *   repositoryName: 'iris',
 *   modelNumber: null,
 *   runner: IrisRunner,
 *   entry: new URL('./iris.runner.js', import.meta.url),
 *   modelInstance: forest,
 * });
 * @example
 * // An ONNX file needs no class: the runner is made from it.
 * await registerModel({ repositoryName: 'mlp', modelNumber: null, modelInstance: await OnnxModel.fromFile('mlp.onnx') });
 */
export async function registerModel(options: RegisterModelOptions): Promise<RegisteredModel> {
  checkOptions<RegisterModelOptions>('registerModel', options, SHAPES);
  if (options.runner !== undefined || options.entry !== undefined) {
    refuseMaxBatchSize(options);
    return registerRunner(options);
  }
  const { registerOnnx } = await import('./registerOnnx.js');
  return registerOnnx(options);
}

function refuseMaxBatchSize(options: object): void {
  if (!('maxBatchSize' in options) || options.maxBatchSize === undefined) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'registerModel, option `maxBatchSize`',
    what: 'it is for an ONNX model alone, and a runner class is given',
    hint: 'Leave it out: the class says it itself, by `@Predict({ batch: { maxSize } })`',
  });
}

async function registerRunner(options: RegisterRunnerOptions): Promise<RegisteredModel> {
  const { signal, onProgress, exportName } = options;
  const definition = scanRunner(options.runner);
  const target = await openTarget(options);
  const modelInstance = (await options.modelInstance) ?? undefined;
  const artifacts = await resolveArtifacts(options.artifacts ?? {});
  const hasInstance = modelInstance !== undefined;
  checkCombination(definition, {
    existing: target.existing,
    hasInstance,
    hasArtifacts: artifacts.files.length > 0,
  });
  refuseAborted(signal, 'registration');
  onProgress?.({ phase: 'bundle' });
  const { prepareCode } = await import('./prepareCode.js');
  const { checkCode } = await import('./checkCode.js');
  const { publishPackage } = await import('./publishPackage.js');
  const code = await prepareCode(entryPath(options.entry), options.requirements ?? [], options.onWarning);
  refuseAborted(signal, 'registration');
  onProgress?.({ phase: 'check' });
  const runner = await checkCode(code, { exportName, runnerName: definition.name }, signal);
  compareRunners(describeRunner(definition, runner.export), runner, code.entry);
  refuseAborted(signal, 'registration');
  const { logger } = options;
  return publishPackage(target, {
    runner,
    code,
    save: modelSaver(definition, modelInstance, logger),
    artifacts,
    signal,
    onProgress,
  });
}
