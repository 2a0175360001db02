import type { ErrorCode } from '../errors/errorCodes';
import type { Issue } from '../errors/Issue';
import { RunwrightError } from '../errors/RunwrightError';
import { errorAnswer, type ErrorAnswer } from './ErrorAnswer';
import { notJsonAnswer } from './notJsonAnswer';

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
      return errorAnswer(400, code, error.message, (error as { issues?: readonly Issue[] }).issues);
    case 'RW_HANDLE_STATE':
      return errorAnswer(503, code, 'the model is not ready');
    case 'RW_ABORTED':
      return errorAnswer(503, code, 'the work was stopped before it was done');
    default:
      return hidden(code);
  }
}

function hidden(code: ErrorCode): ErrorAnswer {
  const error = 'the runner failed; the log of the server says why';
  return { status: 500, body: { error, code, issues: [] }, hidden: true };
}

function refusedByFastify(error: unknown): ErrorAnswer {
  const { statusCode = 500, code } = error as { statusCode?: number; code?: string };
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return notJsonAnswer('nothing');
  // Bad JSON and keys such as `__proto__` come as FST_ERR_CTP_INVALID_JSON_BODY or as a SyntaxError, with status 400.
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || (error instanceof SyntaxError && statusCode === 400)) {
    return notJsonAnswer('text');
  }
  if (statusCode >= 400 && statusCode < 500) {
    return errorAnswer(
      statusCode,
      'RW_REQUEST_INVALID',
      REFUSALS[statusCode] ?? 'the request cannot be read',
    );
  }
  return hidden('RW_STAGE_FAILED');
}
