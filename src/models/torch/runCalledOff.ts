import { RunwrightError } from '../../errors/RunwrightError';

/** @param where for messages: the model's file */
export function runCalledOff(signal: AbortSignal, where: string): RunwrightError {
  return new RunwrightError('RW_ABORTED', {
    where,
    what: 'the run was called off by its caller',
    hint: 'Run it again',
    cause: signal.reason,
  });
}
