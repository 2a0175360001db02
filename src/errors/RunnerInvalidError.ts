import { RunwrightError } from './RunwrightError';

/** One fault of a runner class. */
export interface RunnerFault {
  /** `Class` or `Class.method`. */
  where: string;
  what: string;
  hint: string;
}

/** A runner class with faults, all of them at once, found when it was scanned. */
export class RunnerInvalidError extends RunwrightError {
  readonly faults: readonly RunnerFault[];

  constructor(className: string, faults: readonly RunnerFault[]) {
    const list = faults.map(({ where, what, hint }) => `\n  - ${where}: ${what}. ${hint}`).join('.');
    super('RW_RUNNER_INVALID', {
      where: className,
      what: `the runner class has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:${list}`,
      hint: 'Mend the class; each fault says how',
    });
    this.faults = faults;
  }
}
