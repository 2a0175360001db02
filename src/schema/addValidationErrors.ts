import type { ValidationError } from 'class-validator';
import { ValidationTypes } from './classValidator';
import { fieldFault } from './fieldFault';
import { fieldRuleOf } from './fieldRule';
import type { PathSegment } from './formatPath';
import type { IssueList } from './IssueList';
import { shorten } from './shorten';
import type { Snapshot } from './takeSnapshot';

const SHOWN_NAME_LENGTH = 64;

export interface Judged {
  readonly errors: readonly ValidationError[];
  /** What was validated. */
  readonly instance: unknown;
  /** What came in: the snapshot's copy, before it was transformed. */
  readonly input: unknown;
  readonly path: readonly PathSegment[];
}

/** Turns class-validator's tree into issues: in the order of the class, and by name within one property. */
export function addValidationErrors(
  issues: IssueList,
  originals: Snapshot['originals'],
  { errors, instance, input, path }: Judged,
): void {
  for (const error of errors) {
    if (issues.full) return issues.leaveOut();
    // An object without any rules is reported as a child without a property.
    const step =
      (error.property as string | undefined) === undefined ? undefined : segmentOf(error.property, instance);
    const here = step === undefined ? path : [...path, step];
    const validated = step === undefined ? instance : valueAt(instance, step);
    // The caller wants to read what was sent, not what became of it.
    const sent = step === undefined ? input : has(input, step) ? valueAt(input, step) : validated;
    const received = originals.get(sent) ?? sent;
    for (const [constraint, message] of Object.entries(error.constraints ?? {}).sort(byName)) {
      const field = fieldRuleOf(error.contexts?.[constraint]);
      if (field === undefined) {
        issues.add(here, constraint, messageOf(constraint, message, error.property), received);
        continue;
      }
      const fault = fieldFault(field, error.property, validated);
      const at = fault.path.length > 0 ? (originals.get(fault.received) ?? fault.received) : received;
      issues.add([...here, ...fault.path], constraint, fault.message, at);
    }
    const below = { errors: error.children ?? [], instance: validated, input: sent, path: here };
    addValidationErrors(issues, originals, below);
  }
}

function messageOf(constraint: string, message: string | undefined, property: string): string {
  if (constraint === ValidationTypes.WHITELIST) {
    return `property ${JSON.stringify(shorten(property, SHOWN_NAME_LENGTH))} should not exist`;
  }
  if (constraint === 'unknownValue') return 'an object of a type that has no rules cannot be judged';
  return message || `${property} does not satisfy ${constraint}`;
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

function segmentOf(property: string, parent: unknown): PathSegment {
  return Array.isArray(parent) || parent instanceof Set ? Number(property) : property;
}

function has(parent: unknown, step: PathSegment): boolean {
  if (parent instanceof Map || parent instanceof Set) return true;
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, step);
}

function valueAt(parent: unknown, step: PathSegment): unknown {
  if (parent instanceof Set) return [...(parent as Set<unknown>)][Number(step)];
  if (parent instanceof Map) {
    return [...(parent as Map<unknown, unknown>)].find(([key]) => String(key) === step)?.[1];
  }
  return typeof parent === 'object' && parent !== null
    ? (parent as Record<PathSegment, unknown>)[step]
    : undefined;
}
