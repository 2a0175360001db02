import { RunwrightError } from '../../errors/RunwrightError';

/** @param where the reference or the registry */
export function aborted(where: string, signal: AbortSignal | undefined): RunwrightError {
  return new RunwrightError('RW_ABORTED', {
    where,
    what: 'the request to the registry was called off',
    hint: 'Run it again',
    cause: signal?.reason,
  });
}
