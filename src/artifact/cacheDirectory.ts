import { join, resolve } from 'node:path';
import { homeFolder } from './homeFolder';
import { RunwrightError } from '../errors/RunwrightError';

/**
 * Where opened packages and installed requirements are kept between runs: the option, `$RUNWRIGHT_CACHE`, or
 * `~/.runwright/cache`. Everything in it can be deleted at any time.
 *
 * @throws RunwrightError RW_OPTION_INVALID when none is named and the user has no home
 */
export function cacheDirectory(given?: string, environment: NodeJS.ProcessEnv = process.env): string {
  const named = given ?? (environment['RUNWRIGHT_CACHE'] || undefined);
  if (named !== undefined) return resolve(named);
  const home = homeFolder();
  if (home !== undefined) return join(home, '.runwright', 'cache');
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'RUNWRIGHT_CACHE',
    what: 'no folder for the cache is named, and this user has no home folder to keep it in',
    hint: 'Set RUNWRIGHT_CACHE to a folder, or give `cache` as an option',
  });
}
