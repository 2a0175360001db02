import { errorCodeOf } from './errorCodeOf';
import { RunwrightError } from './RunwrightError';

const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Give this user the right to do so, or use another folder',
  EPERM: 'Give this user the right to do so, or use another folder',
  EROFS: 'The file system is mounted read-only: mount it writable, or use another folder',
  ENOSPC: 'Free some space on that disk, or use a folder on another one',
  EDQUOT: "Free some of this user's disk quota, or use a folder on another disk",
  ENOENT: 'Check that the path is right and that nothing removes it meanwhile',
  ENOTDIR: 'A file stands where a folder is needed: move it away, or use another folder',
  EEXIST: 'A file stands where a folder is needed: move it away, or use another folder',
  EISDIR: 'A folder stands where a file is needed: name a file',
  ELOOP: 'The path is a circle of symbolic links: name the file itself',
  EMFILE: 'This process has too many open files: close some, or raise the limit (ulimit -n)',
  ENFILE: 'The machine has too many open files: close some, or raise its limit',
  EIO: 'The disk reports a fault: check it before going on',
};

/**
 * The RW_IO error for a failed call of the file system; an error of our own comes back as it is.
 *
 * @param where the path that the call was about
 * @param doing what was tried, to be read after "could not": `write the file`
 */
export function ioError(error: unknown, where: string, doing: string): RunwrightError {
  if (RunwrightError.is(error)) return error;
  const code = errorCodeOf(error);
  return new RunwrightError('RW_IO', {
    where,
    what: `could not ${doing}${code === undefined ? '' : ` (${code})`}`,
    hint: (code === undefined ? undefined : HINTS[code]) ?? 'Check the path and the disk it is on',
    cause: error,
  });
}
