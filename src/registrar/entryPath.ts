import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';

const HINT =
  "Pass the module that exports the runner class: a path, or new URL('./iris.runner.js', import.meta.url)";

/** The absolute path of an entry given as a path, a `file:` URL or its text. @throws RunwrightError RW_ENTRY_INVALID */
export function entryPath(entry: unknown): string {
  if (entry instanceof URL || (typeof entry === 'string' && entry.startsWith('file:'))) {
    try {
      return fileURLToPath(entry);
    } catch (cause) {
      const what = `${String(entry)} is not the URL of a file`;
      throw new RunwrightError('RW_ENTRY_INVALID', { where: 'entry', what, hint: HINT, cause });
    }
  }
  if (typeof entry === 'string' && entry !== '') return resolve(entry);
  const what = `a path or a URL is expected, received ${describeType(entry)}`;
  throw new RunwrightError('RW_ENTRY_INVALID', { where: 'entry', what, hint: HINT });
}
