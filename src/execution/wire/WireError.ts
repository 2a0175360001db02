import type { ErrorCode } from '../../errors/errorCodes';
import { describeType } from '../../errors/describeType';
import type { Issue } from '../../errors/Issue';
import { RunnerInvalidError, type RunnerFault } from '../../errors/RunnerInvalidError';
import { RunwrightError } from '../../errors/RunwrightError';
import { ValidationError } from '../../errors/ValidationError';

/** An error as the data that crosses between processes. */
export interface WireError {
  /** Absent for what is not a RunwrightError. */
  readonly code?: ErrorCode;
  readonly what: string;
  readonly where?: string | undefined;
  readonly hint?: string;
  readonly issues?: readonly Issue[];
  readonly faults?: readonly RunnerFault[];
  readonly cause?: WireError;
  readonly name?: string;
  readonly stack?: string | undefined;
}

const DEEPEST_CAUSE = 8;

export function toWireError(error: unknown, depth = 0): WireError {
  if (!RunwrightError.is(error)) {
    if (!(error instanceof Error)) return { what: describeType(error) };
    return { what: error.message, name: error.name, stack: error.stack, ...causeOf(error, depth) };
  }
  const { code, what, where, hint } = error;
  const { issues, faults } = error as { issues?: readonly Issue[]; faults?: readonly RunnerFault[] };
  return {
    code,
    what,
    where,
    hint,
    ...(issues && { issues }),
    ...(faults && { faults }),
    ...causeOf(error, depth),
  };
}

/** The same error with the same parts; its cause has the name, the message and the stack of the original. */
export function fromWireError(wire: WireError): Error {
  const { code, what, where, hint = '', issues, faults } = wire;
  const cause = wire.cause && fromWireError(wire.cause);
  if (code === undefined) {
    const error = new Error(what, cause && { cause });
    if (wire.name !== undefined) Object.defineProperty(error, 'name', { value: wire.name });
    if (wire.stack !== undefined) error.stack = wire.stack;
    return error;
  }
  if (faults) return new RunnerInvalidError(where ?? '', faults);
  if (issues && code === 'RW_INPUT_INVALID') return new ValidationError('input', issues, where);
  if (issues && code === 'RW_OUTPUT_INVALID') return new ValidationError('output', issues, where);
  return new RunwrightError(code, { what, where, hint, cause });
}

function causeOf({ cause }: Error, depth: number): { cause?: WireError } {
  return cause === undefined || depth === DEEPEST_CAUSE ? {} : { cause: toWireError(cause, depth + 1) };
}
