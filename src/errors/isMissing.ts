import { errorCodeOf } from './errorCodeOf';

/** True when a call of the file system failed because there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
