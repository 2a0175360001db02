import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import { textOf } from '../errors/textOf';
import type { StageDefinition } from '../scanner/RunnerDefinition';
import { isError } from './isError';

/** Says which method failed, and keeps what it threw as `cause`. */
export function stageError(
  { stage, where }: Pick<StageDefinition, 'stage' | 'where'>,
  cause: unknown,
): RunwrightError {
  const said = isError(cause)
    ? `${textOf(cause, 'name') ?? 'Error'}: ${textOf(cause, 'message') ?? ''}`
    : `it threw ${describeType(cause)}`;
  return new RunwrightError('RW_STAGE_FAILED', {
    where,
    // An error of ours ends with a full stop, which is put behind it again.
    what: `${stage} failed: ${said.replace(/\.$/, '')}`,
    hint: 'Look at the cause: the code of this stage threw it',
    cause,
  });
}
