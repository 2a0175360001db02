import type { RunwrightError } from '../errors/RunwrightError';
import type { Digest } from '../artifact/Digest';
import type { RunnerDescription } from '../scanner/RunnerDefinition';

/**
 * - `created`: nothing has happened yet.
 * - `loading`: `@Load`, or the default loader, is at work.
 * - `ready`: takes input.
 * - `closing`: takes no more input; running work goes on, then `@Dispose` runs.
 * - `closed`: done.
 * - `failed`: loading or disposing threw; nothing can be run.
 * - `restarting`: every worker that ran the runner has died, and a new one is being started.
 */
export type HandleState = 'created' | 'loading' | 'ready' | 'restarting' | 'closing' | 'closed' | 'failed';

/** Which model of a registry a handle runs. */
export interface ModelIdentity {
  readonly organization: string;
  readonly repository: string;
  /** Absent for a package that was named by its digest alone. */
  readonly number?: number;
  readonly digest: Digest;
}

export interface RunOptions {
  /** When it fires, the call rejects with RW_ABORTED at once; every stage sees it as `context.signal`. */
  readonly signal?: AbortSignal | undefined;
  /** Seen by the stages as `context.requestId`; by default one is made when a stage asks for it. */
  readonly requestId?: string | undefined;
  /**
   * Milliseconds from now in which the answer must be there: a positive number. Then the call rejects with RW_DEADLINE, its
   * signal fires, and what waits in a queue is not begun. Default: no limit.
   */
  readonly timeout?: number | undefined;
}

export interface RunManyOptions extends RunOptions {
  /** How many inputs may be under way at once. Default 8; where predict is batched, at least two batches of them. */
  readonly concurrency?: number | undefined;
}

/** What became of one of many inputs. */
export type RunOutcome<O> =
  { readonly ok: true; readonly value: O } | { readonly ok: false; readonly error: RunwrightError };

/**
 * A loaded, running runner.
 *
 * @example
 * const handle = await createRunner<IrisInput, IrisOutput>(IrisRunner, { model });
 * const answer = await handle.run({ sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 });
 * await handle.close();
 */
export interface RunnerHandle<I = unknown, O = unknown> {
  readonly definition: RunnerDescription;
  /** Absent where the runner did not come out of a registry. */
  readonly model?: ModelIdentity | undefined;
  readonly state: HandleState;
  /**
   * One input through validation, preprocess, predict, postprocess and validation.
   *
   * @throws ValidationError RW_INPUT_INVALID or RW_OUTPUT_INVALID, RunwrightError RW_STAGE_FAILED, RW_ABORTED, RW_DEADLINE,
   *   RW_BATCH_COUNT, RW_HANDLE_STATE (not ready), RW_STREAM_MISMATCH (the runner streams)
   */
  run(input: I, options?: RunOptions): Promise<O>;
  /**
   * One outcome per input, in order; never rejects for a bad input. Where predict is batched, inputs of all calls share
   * batches. When the signal fires, what has no answer yet gets RW_ABORTED at once.
   */
  runMany(inputs: readonly I[], options?: RunManyOptions): Promise<RunOutcome<O>[]>;
  /** The items of a streaming runner. Leaving the loop fires `context.signal` and ends the generator. */
  stream(input: I, options?: RunOptions): AsyncGenerator<O, void, undefined>;
  /**
   * Waits for running work, then runs `@Dispose` exactly once. Later calls give the same promise. A stage must not wait for
   * it: the two would wait for each other.
   */
  close(): Promise<void>;
}
