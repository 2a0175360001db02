import { errorAnswer, type ErrorAnswer } from './ErrorAnswer';

/**
 * For a body that cannot be read as JSON, in the form of every other invalid input.
 *
 * @param received what came instead: `nothing`, `text`
 */
export function notJsonAnswer(received: string): ErrorAnswer {
  const message = 'must be one JSON value';
  return errorAnswer(400, 'RW_INPUT_INVALID', 'the input is not valid: the body is not JSON', [
    { path: '', constraint: 'json', message, received },
  ]);
}
