import { RunwrightError } from '../errors/RunwrightError';
import { bindStages } from '../lifecycle/bindStages';
import { LocalRunnerHandle } from '../lifecycle/LocalRunnerHandle';
import { silentLogger } from '../lifecycle/silentLogger';
import type { Logger } from '../metadata/contexts';
import { modelClassesOf } from '../models/modelClassesOf';
import type { OpenedPackage } from '../packer/package/OpenedPackage';
import type { LoadModel } from './hostNamespace';
import { inspectCode, type InspectedCode } from './inspectCode';
import { openRunner, type OpenRunnerOptions, type RunnerSource } from './openRunner';

export interface LoadOptions extends OpenRunnerOptions {
  /** Passed to every stage. Silent by default. */
  readonly logger?: Logger | undefined;
}

/** Opens, verifies, imports and loads a package in this process. */
export async function loadPackage<I, O>(
  source: RunnerSource,
  options: LoadOptions,
  loadModel: LoadModel,
): Promise<LocalRunnerHandle<I, O>> {
  const opened = await openRunner(source, options);
  const { definition, namespace } = await importOpened(opened, source.where, loadModel);
  const handle = new LocalRunnerHandle<I, O>(
    definition,
    bindStages(definition),
    options.logger ?? silentLogger,
  );
  await handle.load({
    props: opened.manifest.model.props,
    artifacts: opened.artifacts,
    directory: opened.modelDirectory,
    classes: modelClassesOf(namespace),
  });
  return handle;
}

async function importOpened(
  { codeFile, manifest }: OpenedPackage,
  where: string,
  loadModel: LoadModel,
): Promise<InspectedCode> {
  try {
    return await inspectCode(codeFile, { exportName: manifest.runner.export }, where, loadModel);
  } catch (error) {
    if (!RunwrightError.is(error) || manifest.requirements.packages.length === 0) throw error;
    const names = manifest.requirements.packages.map(({ name }) => name).join(', ');
    throw new RunwrightError(error.code, {
      where,
      what: error.what,
      hint: `${error.hint}. The package requires ${names}; one that builds itself by an install script works only when that script is allowed (\`allowScripts\`, --allow-scripts)`,
      cause: error,
    });
  }
}
