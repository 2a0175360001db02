import type { ValidationArguments } from 'class-validator';

/** A rule's own code failed, so that nothing can be said of the value. */
export class RuleThrewError extends Error {
  constructor(rule: string, { targetName, property }: ValidationArguments, cause: unknown) {
    super(`the rule ${rule} of ${targetName}.${property} threw ${nameOfThrown(cause)}`, { cause });
  }
}

/** What was thrown, by name: its text may hold the value. */
export function nameOfThrown(thrown: unknown): string {
  return thrown instanceof Error && /^\w{1,64}$/.test(thrown.name) ? thrown.name : `a ${typeof thrown}`;
}
