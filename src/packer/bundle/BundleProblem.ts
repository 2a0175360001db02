import type { ErrorCode } from '../../errors/errorCodes';
import { RunwrightError } from '../../errors/RunwrightError';

/** One reason why an entry cannot be bundled. */
export interface BundleProblem {
  readonly code: Extract<ErrorCode, 'RW_BUNDLE_FAILED' | 'RW_BUNDLE_READS_FILES' | 'RW_REQUIREMENT_INVALID'>;
  readonly where: string;
  readonly what: string;
  readonly hint: string;
}

/** All problems in one error; its code is theirs when they agree. */
export function bundleError(
  entry: string,
  problems: readonly BundleProblem[],
  cause: unknown,
): RunwrightError {
  const [first] = problems;
  if (first !== undefined && problems.length === 1)
    return new RunwrightError(first.code, { ...first, cause });
  const codes = new Set(problems.map(({ code }) => code));
  const list = problems.map(({ where, what, hint }) => `\n  - ${where}: ${what}. ${hint}`);
  return new RunwrightError(first !== undefined && codes.size === 1 ? first.code : 'RW_BUNDLE_FAILED', {
    where: entry,
    what: `the entry cannot be bundled, for ${problems.length} reasons:${list.join('.')}`,
    hint: 'Mend each of them; every reason says how',
    cause,
  });
}
