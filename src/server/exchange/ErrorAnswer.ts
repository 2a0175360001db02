import type { ErrorCode } from '../../errors/errorCodes';
import type { Issue } from '../../errors/Issue';
import type { ErrorBody } from './ErrorBody';
import type { ExchangeAnswer } from './ExchangeAnswer';
import { JSON_TYPE } from './JSON_TYPE';

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** True when the caller is told less than there is to know. */
  readonly hidden: boolean;
}

/** An answer that tells the caller all there is to know. */
export function errorAnswer(
  status: number,
  code: ErrorCode,
  error: string,
  issues: readonly Issue[] = [],
): ErrorAnswer {
  return { status, body: { error, code, issues }, hidden: false };
}

export function toExchangeAnswer({ status, body }: ErrorAnswer): ExchangeAnswer {
  return { status, contentType: JSON_TYPE, body: textOf(body) };
}

function textOf(body: ErrorBody): string {
  try {
    return JSON.stringify(body);
  } catch {
    // A runner may have put what JSON does not have into its issues.
    return JSON.stringify({ ...body, issues: [] });
  }
}

/** The same for every request that finds no room. */
export function queueFullAnswer(): ErrorAnswer {
  return errorAnswer(429, 'RW_QUEUE_FULL', 'too many requests wait for the model; try again later');
}
