import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where opened packages and installed requirements are kept between runs: the option, `$RUNWRIGHT_CACHE`, or
 * `~/.runwright/cache`. Everything in it can be deleted at any time.
 */
export function cacheDirectory(given?: string, environment: NodeJS.ProcessEnv = process.env): string {
  const fromEnvironment = environment['RUNWRIGHT_CACHE'];
  return resolve(given ?? (fromEnvironment || join(homedir(), '.runwright', 'cache')));
}
