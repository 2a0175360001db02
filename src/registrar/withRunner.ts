import type { ExecutionPlan } from '../execution/planExecution';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import { loadModel } from './loadModel';
import type { RunnerSpec } from './RunnerSpec';
import { startRunner, type StartRunnerOptions } from './startRunner';

/** Starts a runner for as long as `use` runs. */
export async function withRunner<T>(
  spec: RunnerSpec,
  plan: ExecutionPlan,
  options: StartRunnerOptions,
  use: (handle: RunnerHandle) => Promise<T>,
): Promise<T> {
  const handle = await startRunner(spec, plan, options, loadModel);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}
