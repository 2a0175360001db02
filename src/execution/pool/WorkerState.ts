/**
 * - `loading`: it has been started, and loads the model.
 * - `ready`: takes requests.
 * - `waiting`: it has ended, and is started again in a while.
 * - `closing`: it takes no more requests, and runs `@Dispose`.
 * - `ended`: done.
 */
export type WorkerStatus = 'loading' | 'ready' | 'waiting' | 'closing' | 'ended';

/** One worker, as it is now. */
export interface WorkerState {
  /** From 1; a worker keeps it when it is started again. */
  readonly id: number;
  readonly status: WorkerStatus;
  /** Of a process that runs. */
  readonly pid: number | undefined;
  /** How often it has been started again. */
  readonly restarts: number;
  /** Requests that it is at work for, also those whose callers have left. */
  readonly outstanding: number;
}
