import type { ExecutionPlan } from '../execution/planExecution';
import type { ModelIdentity, RunnerHandle } from '../lifecycle/RunnerHandle';
import type { Logger } from '../metadata/contexts';
import type { LoadModel } from './hostNamespace';
import { runnerClassSource } from './runnerClassSource';
import { openRunner, type OpenRunnerOptions, type RunnerSource } from './openRunner';
import { startRunner } from './startRunner';

export interface LoadOptions extends OpenRunnerOptions {
  /** Passed to every stage. Silent by default. */
  readonly logger?: Logger | undefined;
  /**
   * Inputs that are run before the handle is ready, in every worker, one after another: the first call of many models takes
   * far longer than the later ones. JSON, where there are workers. Default: none. One that fails fails the loading.
   */
  readonly warmUp?: readonly unknown[] | undefined;
}

/** Opens and verifies a package, and loads it where the plan says. */
export async function loadPackage<I, O>(
  source: RunnerSource,
  options: LoadOptions & { readonly model?: ModelIdentity },
  plan: ExecutionPlan,
  loadModel: LoadModel,
): Promise<RunnerHandle<I, O>> {
  const opened = await openRunner(source, options);
  const { manifest, artifacts, modelDirectory } = opened;
  const spec = {
    source: runnerClassSource(opened),
    where: source.where,
    props: manifest.model.props,
    artifacts,
    directory: modelDirectory,
    modelExport: null,
    warmUp: options.warmUp,
    requirements: manifest.requirements.packages.map(({ name }) => name),
  };
  return startRunner<I, O>(spec, plan, options, loadModel);
}
