import { RunnerInvalidError, type RunnerFault } from '../errors/RunnerInvalidError';

/** Gathers the faults of one class, to be thrown together. */
export class FaultList {
  private readonly faults: RunnerFault[] = [];

  constructor(private readonly className: string) {}

  /** @param member method that is at fault; the class as a whole when absent */
  add(member: string | symbol | undefined, what: string, hint: string): undefined {
    const where = member === undefined ? this.className : `${this.className}.${String(member)}`;
    this.faults.push({ where, what, hint });
    return undefined;
  }

  get isEmpty(): boolean {
    return this.faults.length === 0;
  }

  toError(): RunnerInvalidError {
    return new RunnerInvalidError(this.className, this.faults);
  }
}
