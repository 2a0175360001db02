import type { Logger } from '../metadata/contexts';

const silent = (): void => {};

/** The logger of a runner that was given none: a library does not write to the console. */
export const silentLogger: Logger = Object.freeze({
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
});
