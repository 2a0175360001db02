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

  /**
   * What it says in one line. The reason is the last line of torch's longest messages, unless they end in source code with a
   * marker: then it is the first.
   */
  get summary(): string {
    const lines = this.message.split('\n').map((line) => line.trim());
    const said = lines.filter((line) => line !== '' && line !== `${this.type}:`);
    const last = said.at(-1) ?? '';
    const endsInSource =
      !/^\w+(?:Error|Exception)?: /.test(last) && lines.some((line) => line.endsWith('<--- HERE'));
    const line = (endsInSource ? said[0] : last) ?? '';
    return line.startsWith(this.type) ? line : `${this.type}: ${line}`;
  }
}
