import { RunwrightError } from '../../errors/RunwrightError';

/** @param where the name of the requirement, or the lockfile: never a whole spec, which may hold a token */
export function requirementFault(where: string, what: string, hint: string, cause?: unknown): RunwrightError {
  return new RunwrightError('RW_REQUIREMENT_INVALID', { where, what, hint, cause });
}
