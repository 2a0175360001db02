import type { ModelIdentity } from '../lifecycle/RunnerHandle';
import { disableTelemetry } from '../models/onnx/disableTelemetry';
import { WorkerPool, type PoolOptions } from './pool/WorkerPool';
import { WorkerHandle } from './WorkerHandle';
import { fromWireDescription } from './wire/WireDescription';

export interface StartOptions extends PoolOptions {
  readonly model?: ModelIdentity | undefined;
  /** Ends the workers while they load. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a runner in threads or processes, and resolves when all of them are loaded.
 *
 * @param options.plan its mode is not `inline`
 * @throws RunwrightError what loading threw in a worker, RW_WORKER_FAILED when one ended meanwhile, RW_ABORTED
 */
export async function startWorkers<I = unknown, O = unknown>({
  model,
  signal,
  ...options
}: StartOptions): Promise<WorkerHandle<I, O>> {
  // The workers, threads too, have the variables of this process.
  disableTelemetry();
  const pool = new WorkerPool(options);
  const description = fromWireDescription(await pool.start(signal));
  return new WorkerHandle<I, O>(description, pool, model);
}
