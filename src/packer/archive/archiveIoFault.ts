import { RunwrightError } from '../../errors/RunwrightError';

/** Turns what the file system or an abort threw into an error of ours; an error of ours stays as it is. */
export function archiveIoFault(
  file: string,
  what: string,
  error: unknown,
  signal?: AbortSignal,
): RunwrightError {
  if (RunwrightError.is(error)) return error;
  if (signal?.aborted === true) {
    return new RunwrightError('RW_ABORTED', { where: file, what: 'the work was stopped', cause: error });
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return new RunwrightError('RW_IO', {
    where: file,
    what: `${what} (${code ?? message})`,
    hint:
      code === 'ENOSPC' ? 'Free some space on the disk' : 'Check that the path exists and its permissions',
    cause: error,
  });
}
