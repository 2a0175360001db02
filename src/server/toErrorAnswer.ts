import type { ErrorCode } from '../errors/errorCodes';
import type { Issue } from '../errors/Issue';
import { RunwrightError } from '../errors/RunwrightError';
import type { ErrorBody } from './ErrorBody';

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** True when the caller is told less than there is to know. */
  readonly hidden: boolean;
}

/** What Fastify's own refusals mean to a caller, by the status that Fastify gives them. */
const REFUSALS: Readonly<Record<number, string>> = {
  413: 'the body is larger than this server takes',
  415: 'the body is not JSON: send it with Content-Type: application/json',
};

/**
 * What a caller is told of a failure. Faults of the input are told in full; a fault of the runner is told by its code
 * alone, as its message may hold values.
 */
export function toErrorAnswer(error: unknown): ErrorAnswer {
  if (!RunwrightError.is(error)) return refusedByFastify(error);
  const { code } = error;
  switch (code) {
    case 'RW_INPUT_INVALID':
    case 'RW_REQUEST_INVALID':
      return told(400, code, error.message, (error as { issues?: readonly Issue[] }).issues);
    case 'RW_HANDLE_STATE':
      return told(503, code, 'the model is not ready');
    case 'RW_ABORTED':
      return told(503, code, 'the work was stopped before it was done');
    default:
      return hidden(code);
  }
}

/** A body that cannot be read as JSON, in the form of every other invalid input. */
export function notJson(received: string): ErrorAnswer {
  const message = 'must be one JSON value';
  return told(400, 'RW_INPUT_INVALID', 'the input is not valid: the body is not JSON', [
    { path: '', constraint: 'json', message, received },
  ]);
}

export function told(
  status: number,
  code: ErrorCode,
  error: string,
  issues: readonly Issue[] = [],
): ErrorAnswer {
  return { status, body: { error, code, issues }, hidden: false };
}

function hidden(code: ErrorCode): ErrorAnswer {
  const error = 'the runner failed; the log of the server says why';
  return { status: 500, body: { error, code, issues: [] }, hidden: true };
}

function refusedByFastify(error: unknown): ErrorAnswer {
  const { statusCode = 500, code } = error as { statusCode?: number; code?: string };
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return notJson('nothing');
  // Bad JSON and keys such as `__proto__` come as FST_ERR_CTP_INVALID_JSON_BODY or as a SyntaxError, with status 400.
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || (error instanceof SyntaxError && statusCode === 400)) {
    return notJson('text');
  }
  if (statusCode >= 400 && statusCode < 500) {
    return told(statusCode, 'RW_REQUEST_INVALID', REFUSALS[statusCode] ?? 'the request cannot be read');
  }
  return hidden('RW_STAGE_FAILED');
}
