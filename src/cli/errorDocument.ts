import { RunwrightError } from '../errors/RunwrightError';
import type { ErrorCode } from '../errors/errorCodes';
import type { Issue } from '../errors/Issue';
import { issuesOf } from './formatError';

/** An error in the one form of all doors; no code when it is not one of Runwright's. */
export interface ErrorDocument {
  readonly error: string;
  readonly code: ErrorCode | null;
  readonly issues: readonly Issue[];
}

export function errorDocument(error: unknown): ErrorDocument {
  const message = error instanceof Error ? error.message : String(error);
  return {
    error: message,
    code: RunwrightError.is(error) ? error.code : null,
    issues: issuesOf(error),
  };
}
