import type { ErrorCode } from '../../errors/errorCodes';
import type { Issue } from '../../errors/Issue';
import { RunwrightError } from '../../errors/RunwrightError';
import { errorAnswer, queueFullAnswer, type ErrorAnswer } from './ErrorAnswer';
import { RequestError } from './RequestError';

/**
 * What a caller is told of a failure. Faults of the input are told in full; a fault of the runner is told by its code
 * alone, as its message may hold values.
 */
export function toErrorAnswer(error: unknown): ErrorAnswer {
  if (!RunwrightError.is(error)) return hidden('RW_STAGE_FAILED');
  const { code } = error;
  switch (code) {
    case 'RW_INPUT_INVALID':
      return errorAnswer(400, code, error.message, (error as { issues?: readonly Issue[] }).issues);
    case 'RW_REQUEST_INVALID':
      return error instanceof RequestError
        ? errorAnswer(error.status, code, `${error.what}. ${error.hint}`, error.issues)
        : errorAnswer(400, code, error.message);
    case 'RW_QUEUE_FULL':
      return queueFullAnswer();
    case 'RW_DEADLINE':
      return errorAnswer(504, code, 'the answer was not there in time');
    case 'RW_HANDLE_STATE':
      return errorAnswer(503, code, 'the model is not ready');
    case 'RW_ABORTED':
      return errorAnswer(503, code, 'the work was stopped before it was done');
    case 'RW_WORKER_FAILED':
      return { ...errorAnswer(503, code, 'the worker of the model ended before it answered'), hidden: true };
    default:
      return hidden(code);
  }
}

function hidden(code: ErrorCode): ErrorAnswer {
  const error = 'the runner failed; the log of the server says why';
  return { status: 500, body: { error, code, issues: [] }, hidden: true };
}
