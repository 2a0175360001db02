import { RunwrightError } from '../errors/RunwrightError';

/** Stands in for the calls that write packages, which the code of a package must not make, and remembers that one was made. */
export class RegistrationGuard {
  private called: string | undefined;

  /** @param name of the call that is replaced */
  refuse(name: string): () => never {
    return () => {
      this.called ??= name;
      throw this.error(name);
    };
  }

  /** Throws when a replaced call was made, also when the entry swallowed the error. */
  throwIfCalled(): void {
    if (this.called !== undefined) throw this.error(this.called);
  }

  private error(name: string): RunwrightError {
    return new RunwrightError('RW_ENTRY_REGISTERS', {
      where: 'entry',
      what: `the code of the runner calls ${name}(), so whoever loads the package would do it again`,
      hint: 'Keep the runner class in a module of its own, and call it from a script that is not the entry',
    });
  }
}
