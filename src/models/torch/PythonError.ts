/** What Python raised in the side-car. */
export interface PythonFault {
  /** The class of the exception. */
  readonly type: string;
  readonly message: string;
  /** The last lines of its traceback. */
  readonly traceback: readonly string[];
}

/** An exception of Python's, the `cause` of the error that says what failed. */
export class PythonError extends Error {
  readonly type: string;
  readonly traceback: readonly string[];

  constructor({ type, message, traceback }: PythonFault) {
    super(`${type}: ${message}`);
    this.name = 'PythonError';
    this.type = type;
    this.traceback = traceback;
  }

  /** What it says in one line: in torch's longest messages the last one has the reason. */
  get summary(): string {
    const last = this.message.trimEnd().split('\n').at(-1)?.trim() ?? '';
    return last.startsWith(this.type) ? last : `${this.type}: ${last}`;
  }
}
