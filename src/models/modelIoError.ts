import { RunwrightError } from '../errors/RunwrightError';

const HINTS = {
  written: 'The folder must exist, be empty and writable, and the disk must have room',
  read: 'Check the permissions of the folder and its files, and the memory of the machine',
} as const;

/** The system refused to write or read a file of a model. */
export function modelIoError(file: string, done: keyof typeof HINTS, cause: unknown): RunwrightError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const what = `the model cannot be ${done} (${reason})`;
  return new RunwrightError('RW_IO', { where: file, what, hint: HINTS[done], cause });
}

/** True when a call failed because there is no such file. */
export function isMissing(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
