import type { ErrorCode } from '../../errors/errorCodes';
import { describeType } from '../../errors/describeType';
import type { Issue } from '../../errors/Issue';
import { readProperty } from '../../errors/readProperty';
import { RunnerInvalidError, type RunnerFault } from '../../errors/RunnerInvalidError';
import { RunwrightError } from '../../errors/RunwrightError';
import { textOf } from '../../errors/textOf';
import { ValidationError } from '../../errors/ValidationError';
import { isError } from '../../lifecycle/isError';

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
const ISSUE_PARTS = ['path', 'constraint', 'message', 'received'] as const satisfies (keyof Issue)[];
const FAULT_PARTS = ['where', 'what', 'hint'] as const satisfies (keyof RunnerFault)[];

/** Never throws: what the code of runners and callers throws may be odd in every part, and becomes text. */
export function toWireError(error: unknown, depth = 0): WireError {
  const code = RunwrightError.is(error) ? error.code : undefined;
  if (code === undefined && !isError(error)) return { what: describeType(error) };
  const cause = causeOf(error, depth);
  if (code === undefined) {
    const what = textOf(error, 'message') ?? describeType(error);
    return { what, name: textOf(error, 'name') ?? 'Error', stack: textOf(error, 'stack'), ...cause };
  }
  const issues = listOf(error, 'issues', ISSUE_PARTS);
  const faults = listOf(error, 'faults', FAULT_PARTS);
  return {
    code,
    what: textOf(error, 'what') ?? '',
    where: textOf(error, 'where'),
    hint: textOf(error, 'hint') ?? '',
    ...(issues && { issues }),
    ...(faults && { faults }),
    ...cause,
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

function causeOf(error: unknown, depth: number): { cause?: WireError } {
  const cause = depth === DEEPEST_CAUSE ? undefined : readProperty(error, 'cause');
  return cause === undefined ? {} : { cause: toWireError(cause, depth + 1) };
}

/** The parts of each member of a list, as text. */
function listOf<K extends string>(
  error: unknown,
  name: string,
  parts: readonly K[],
): Record<K, string>[] | undefined {
  const list = readProperty(error, name);
  try {
    if (!Array.isArray(list)) return undefined;
    return Array.from(list, (member: unknown) => {
      const texts = parts.map((part) => [part, textOf(member, part) ?? '']);
      return Object.fromEntries(texts) as Record<K, string>;
    });
  } catch {
    // A proxy that does not let itself be looked at.
    return undefined;
  }
}
