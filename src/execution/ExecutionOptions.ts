/**
 * Where a runner works.
 *
 * - `inline`: in this thread. The fastest for one caller; a model that computes blocks everything else of the program.
 * - `thread`: in threads of this process. For trusted models with short runs: a crash ends the whole program, and a thread
 *   that computes can never be stopped.
 * - `process`: in processes of their own. One that dies fails its own requests only, and is started again.
 */
export type ExecutionMode = 'inline' | 'thread' | 'process';

export interface ExecutionOptions {
  /** Default `inline`; `runwright serve` has `process`. */
  readonly execution?: ExecutionMode | undefined;
  /** Threads or processes, each with the model in its memory; 1 to 128. Default 1. */
  readonly workers?: number | undefined;
  /**
   * Native threads of each worker: `@Load` gets it as `context.threads`, and a process in `OMP_NUM_THREADS` and its kin unless
   * they are set. Default: the cores, shared among the workers of this runner.
   */
  readonly threads?: number | undefined;
  /**
   * Bytes of memory that each worker may take: resident memory of a process, which is ended when it takes more; the
   * JavaScript heap of a thread. Default: no limit.
   */
  readonly memoryLimit?: number | undefined;
  /**
   * Milliseconds that a run gets to end after its deadline, before its process is ended with it. One whose caller has left
   * without a deadline gets 30 times that, and is not ended while others wait for the same process. A thread is never ended
   * while it works. Default 1000.
   */
  readonly deadlineGrace?: number | undefined;
  /** Where a process's own prints to stdout go. Default `inherit`: to the stdout of this program. */
  readonly workerStdout?: 'inherit' | 'stderr' | undefined;
}
