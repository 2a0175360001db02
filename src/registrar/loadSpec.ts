import { RunwrightError } from '../errors/RunwrightError';
import { bindStages } from '../lifecycle/bindStages';
import { LocalRunnerHandle } from '../lifecycle/LocalRunnerHandle';
import type { ModelIdentity } from '../lifecycle/RunnerHandle';
import type { Logger } from '../metadata/contexts';
import { modelClassesOf } from '../models/value/modelClassesOf';
import { scanRunner } from '../scanner/scanRunner';
import type { LoadModel } from './hostNamespace';
import { inspectCode, type InspectedCode } from './inspectCode';
import { readModelExport } from './readModelExport';
import type { RunnerSpec } from './RunnerSpec';

export interface LoadSpecOptions {
  readonly logger: Logger;
  /** Native threads that the model should use. */
  readonly threads: number;
  readonly model?: ModelIdentity | undefined;
}

/** Imports and loads a runner in this thread. @throws RunwrightError RW_ENTRY_INVALID, RW_STAGE_FAILED (`@Load`), ... */
export async function loadSpec<I, O>(
  spec: RunnerSpec,
  { logger, threads, model }: LoadSpecOptions,
  loadModel: LoadModel,
): Promise<LocalRunnerHandle<I, O>> {
  const { props, artifacts, directory, modelExport, warmUp, where } = spec;
  const { definition, namespace } = await findRunner(spec, loadModel);
  const { source } = spec;
  if (source.kind === 'model' && source.signature.batchReason !== undefined) {
    logger.info(`${where}: items are run one by one: ${source.signature.batchReason}`);
  }
  const instance = modelExport === null ? undefined : await readModelExport(namespace, modelExport, where);
  const handle = new LocalRunnerHandle<I, O>(definition, bindStages(definition), logger, model);
  await handle.load({
    model: instance,
    props,
    artifacts,
    ...(directory !== null && { directory }),
    classes: modelClassesOf(namespace),
    threads,
    warmUp,
  });
  return handle;
}

async function findRunner(
  { source, where, requirements }: RunnerSpec,
  loadModel: LoadModel,
): Promise<Pick<InspectedCode, 'definition' | 'namespace'>> {
  if (source.kind === 'model') {
    const { makeModelRunner } = await import('../models/tensor/makeModelRunner.js');
    return { definition: scanRunner(makeModelRunner(source)), namespace: {} };
  }
  const { codeFile, wanted } = source;
  try {
    return await inspectCode(codeFile, wanted, where, loadModel);
  } catch (error) {
    if (!RunwrightError.is(error) || requirements.length === 0) throw error;
    const names = requirements.join(', ');
    throw new RunwrightError(error.code, {
      where,
      what: error.what,
      hint: `${error.hint}. The package requires ${names}; one that builds itself by an install script works only when that script is allowed (\`allowScripts\`, --allow-scripts)`,
      cause: error,
    });
  }
}
