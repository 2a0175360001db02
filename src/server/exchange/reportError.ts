import type { Logger } from '../../metadata/contexts';
import type { ErrorAnswer } from './ErrorAnswer';
import { toErrorAnswer } from './toErrorAnswer';

/**
 * What a caller is told of a failure; what it is not told goes to the logger.
 *
 * @param what the first of what the logger gets; the error follows
 */
export function reportError(error: unknown, what: string, logger: Logger): ErrorAnswer {
  const answer = toErrorAnswer(error);
  if (answer.hidden) logger.error(what, error);
  return answer;
}
