import type { ErrorCode } from './errorCodes';
import type { Issue } from './Issue';
import { RunwrightError } from './RunwrightError';

const SHOWN = 5;

/** An input or an output that its schema refused. `issues` holds every fault, in the one form that all doors use. */
export class ValidationError extends RunwrightError {
  readonly issues: readonly Issue[];

  /** @param side which side of the runner; an invalid input is the caller's fault, an invalid output the runner's. */
  constructor(side: 'input' | 'output', issues: readonly Issue[], where?: string) {
    super(side === 'input' ? 'RW_INPUT_INVALID' : 'RW_OUTPUT_INVALID', {
      where,
      what: `the ${side} is not valid: ${summary(issues)}`,
      hint:
        side === 'input'
          ? 'Send a value that satisfies every rule named in `issues`'
          : 'Return a value that satisfies the output type, or change the type',
    });
    this.issues = issues;
  }

  override toJSON(): { error: string; code: ErrorCode; issues: readonly Issue[] } {
    return { ...super.toJSON(), issues: this.issues };
  }
}

function summary(issues: readonly Issue[]): string {
  const shown = issues
    .slice(0, SHOWN)
    .map(
      ({ path, message, received }) => `${path === '' ? '(root)' : path}: ${message} (received ${received})`,
    );
  const rest = issues.length - shown.length;
  return shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}
