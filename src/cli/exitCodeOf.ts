import type { ErrorCode } from '../errors/errorCodes';
import { RunwrightError } from '../errors/RunwrightError';
import { EXIT, type ExitCode } from './ExitCode';
import { flagOf } from './flagTerms';

/** Faults of what was typed: nothing but the arguments has been looked at. */
const USAGE: ReadonlySet<ErrorCode> = new Set(['RW_USAGE', 'RW_OPTION_INVALID', 'RW_REFERENCE_INVALID']);

/** 2 for what was typed wrongly, 1 for everything else that went wrong. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!RunwrightError.is(error)) return EXIT.failed;
  const { where } = error;
  const isTyped = flagOf(where) !== undefined || where === '<registry>' || where === 'RUNWRIGHT_REGISTRY';
  return USAGE.has(error.code) || isTyped ? EXIT.usage : EXIT.failed;
}
