import type { ErrorCode } from '../../errors/errorCodes';
import type { Issue } from '../../errors/Issue';

/** The body of every answer that is not a success. */
export interface ErrorBody {
  readonly error: string;
  readonly code: ErrorCode;
  /** What is wrong with the input, when that is the reason; otherwise empty. */
  readonly issues: readonly Issue[];
}
