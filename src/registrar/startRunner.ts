import { join } from 'node:path';
import type { ExecutionPlan } from '../execution/planExecution';
import type { ModelIdentity, RunnerHandle } from '../lifecycle/RunnerHandle';
import { silentLogger } from '../lifecycle/silentLogger';
import type { Logger } from '../metadata/contexts';
import { packageRoot } from '../artifact/packageRoot';
import type { LoadModel } from './hostNamespace';
import type { RunnerSpec } from './RunnerSpec';

export interface StartRunnerOptions {
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly model?: ModelIdentity | undefined;
}

/**
 * Loads a runner where the plan says. In workers none of its code runs in this thread.
 *
 * @throws RunwrightError as `loadSpec` does; RW_WORKER_FAILED when a worker ended while it loaded the runner
 */
export async function startRunner<I, O>(
  spec: RunnerSpec,
  plan: ExecutionPlan,
  { logger = silentLogger, signal, model }: StartRunnerOptions,
  loadModel: LoadModel,
): Promise<RunnerHandle<I, O>> {
  if (plan.mode === 'inline') {
    const { loadSpec } = await import('./loadSpec.js');
    return loadSpec<I, O>(spec, { logger, threads: plan.threads, model }, loadModel);
  }
  const { startWorkers } = await import('../execution/startWorkers.js');
  const program = join(packageRoot().path, 'dist/registrar/workerMain.js');
  return startWorkers<I, O>({ plan, program, spec, where: spec.where, logger, signal, model });
}
