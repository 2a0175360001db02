import { availableParallelism } from 'node:os';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { ExecutionMode, ExecutionOptions } from './ExecutionOptions';

/** Execution options that have been judged, with their defaults. */
export interface ExecutionPlan {
  readonly mode: ExecutionMode;
  readonly workers: number;
  readonly threads: number;
  readonly memoryLimit: number | undefined;
  readonly deadlineGrace: number;
  readonly workerStdout: 'inherit' | 'stderr';
}

const MODES: readonly ExecutionMode[] = ['inline', 'thread', 'process'];
const MOST_WORKERS = 128;
const MOST_THREADS = 1024;
/** Node itself takes some 40 MB. */
const LEAST_MEMORY = 64 * 1024 * 1024;
const DEADLINE_GRACE = 1_000;

/**
 * @param call for messages: `loadModel`
 * @throws RunwrightError RW_OPTION_INVALID
 */
export function planExecution(call: string, options: ExecutionOptions): ExecutionPlan {
  const { execution: mode = 'inline', workers = 1, memoryLimit, workerStdout = 'inherit' } = options;
  const refuse = (option: keyof ExecutionOptions, what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_OPTION_INVALID', { where: `${call}, option \`${option}\``, what, hint });
  const integer = (option: 'workers' | 'threads' | 'memoryLimit', least: number, most: number): void => {
    const value = options[option];
    if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most)) return;
    const received = typeof value === 'number' ? String(value) : describeType(value);
    const hint = `Pass an integer from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ' up'}, or leave it out`;
    throw refuse(option, `it is ${received}`, hint);
  };

  if (!MODES.includes(mode))
    throw refuse('execution', 'there is no such mode', `Pass one of ${MODES.join(', ')}`);
  integer('workers', 1, MOST_WORKERS);
  integer('threads', 1, MOST_THREADS);
  integer('memoryLimit', LEAST_MEMORY, Number.MAX_SAFE_INTEGER);
  const { deadlineGrace = DEADLINE_GRACE } = options;
  if (!(typeof deadlineGrace === 'number' && deadlineGrace >= 0 && deadlineGrace <= 3_600_000))
    throw refuse(
      'deadlineGrace',
      'it is not a number of milliseconds up to an hour',
      'Leave it out for 1000',
    );
  if (workerStdout !== 'inherit' && workerStdout !== 'stderr')
    throw refuse('workerStdout', 'there is no such stream', 'Pass inherit or stderr');
  if (mode === 'inline') {
    const hint = 'Leave it out, or choose another `execution`: thread or process';
    if (workers > 1) throw refuse('workers', 'an inline runner has no workers', hint);
    if (memoryLimit !== undefined)
      throw refuse('memoryLimit', 'an inline runner shares the memory of the program', hint);
  }
  const threads = options.threads ?? shareOfCores(workers);
  return { mode, workers, threads, memoryLimit, deadlineGrace, workerStdout };
}

/** Native threads of each of so many workers, so that all of them together stay within the cores. */
export function shareOfCores(workers: number): number {
  return Math.max(1, Math.floor(availableParallelism() / workers));
}
