import { RunwrightError } from '../../errors/RunwrightError';

const DAMAGED = 'The file is damaged or was not written by the default saver: register the model again';

/** A file of a saved model is not what the default saver writes. */
export function modelFileInvalid(
  where: string,
  what: string,
  { hint = DAMAGED, cause }: { hint?: string; cause?: unknown } = {},
): RunwrightError {
  return new RunwrightError('RW_MODEL_FILE_INVALID', { where, what, hint, cause });
}
