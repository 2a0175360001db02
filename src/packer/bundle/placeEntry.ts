import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { RunwrightError } from '../../errors/RunwrightError';
import { location } from './location';

/**
 * The path of an entry whose text is given: its folder's real path, and its own name. No file need be there.
 *
 * @throws RunwrightError RW_ENTRY_INVALID when the path is not absolute, or its folder is not there
 */
export async function placeEntry(entry: string): Promise<string> {
  const refuse = (what: string, hint: string, cause?: unknown) =>
    new RunwrightError('RW_ENTRY_INVALID', { where: `entry ${location(entry)}`, what, hint, cause });
  if (!isAbsolute(entry))
    throw refuse('the path is not absolute', 'Resolve it against the folder that it is meant from');
  try {
    return join(await realpath(dirname(entry)), basename(entry));
  } catch (cause) {
    throw refuse('its folder cannot be read', 'Name a folder that imports can be looked up from', cause);
  }
}
