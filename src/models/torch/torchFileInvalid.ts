import { RunwrightError } from '../../errors/RunwrightError';

const SAVE_AGAIN = 'Give a file that torch.jit.save, torch.export.save or torch.onnx.export has written';

/** A file is not one that a torch model can be made from. */
export function torchFileInvalid(
  where: string,
  what: string,
  { hint = SAVE_AGAIN, cause }: { hint?: string; cause?: unknown } = {},
): RunwrightError {
  return new RunwrightError('RW_MODEL_FILE_INVALID', { where, what, hint, cause });
}
