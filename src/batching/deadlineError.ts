import { RunwrightError } from '../errors/RunwrightError';

/** @param timeout milliseconds that the caller gave */
export function deadlineError(where: string, timeout: number): RunwrightError {
  return new RunwrightError('RW_DEADLINE', {
    where,
    what: `there was no answer within ${timeout} ms`,
    hint: 'Give more time, send less load, or make the model faster',
  });
}
