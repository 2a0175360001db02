import { ERROR_CODES, type ErrorCode, type ErrorKind } from './errorCodes';

const BRAND = Symbol.for('runwright.error');

export interface RunwrightErrorOptions {
  /** What happened, with what was received (a type or a name, never a caller's value). One sentence, no full stop. */
  what: string;
  /** Where: `Class.method`, a file, a flag, a field. */
  where?: string | undefined;
  /** What to do about it. One sentence, no full stop. */
  hint: string;
  cause?: unknown;
}

/**
 * The base of every error that Runwright throws.
 *
 * `message` reads `where: what. hint.`; the parts stay available one by one.
 *
 * @example
 * try { await handle.run(input); }
 * catch (error) { if (RunwrightError.is(error) && error.code === 'RW_INPUT_INVALID') respond(400, error.toJSON()); }
 */
export class RunwrightError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where: string | undefined;
  readonly hint: string;

  constructor(code: ErrorCode, { what, where, hint, cause }: RunwrightErrorOptions) {
    // After a list the hint would read as that of its last item.
    const space = what.includes('\n') ? '\n' : ' ';
    super(
      `${where === undefined ? '' : `${where}: `}${what}.${space}${hint}.`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.what = what;
    this.where = where;
    this.hint = hint;
    Object.defineProperty(this, BRAND, { value: true });
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true });
  }

  /** Whose fault it is; see `ErrorKind`. */
  get kind(): ErrorKind {
    return ERROR_CODES[this.code];
  }

  /** The form that leaves the process: no stack, no cause. */
  toJSON(): { error: string; code: ErrorCode } {
    return { error: this.message, code: this.code };
  }

  /** True for an error of any copy of Runwright, also one from another realm or another installed version. */
  static is(value: unknown): value is RunwrightError {
    try {
      return typeof value === 'object' && value !== null && BRAND in value && hasCode(value);
    } catch {
      // A proxy that does not let itself be looked at.
      return false;
    }
  }
}

/** False where somebody has put something else in its place. */
function hasCode(value: object): boolean {
  const { code } = value as { code?: unknown };
  return typeof code === 'string' || code === undefined;
}
