import { format } from 'node:util';
import { ioError } from '../errors/ioError';
import { RunwrightError } from '../errors/RunwrightError';
import type { Logger } from '../metadata/contexts';
import type { BundleWarning } from '../packer/bundle/Bundle';
import { formatError } from './formatError';

export interface TerminalFlags {
  /** One JSON document on stdout instead of text. */
  readonly json: boolean;
  /** Nothing on stderr but errors. */
  readonly quiet: boolean;
  /** Errors with their stacks and causes. */
  readonly verbose: boolean;
}

/** Where answers go; what is written to `process.stdout` while a command runs does not. */
export type AnswerStream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

/** The two streams of the command line: answers go to stdout, everything for people to stderr. */
export class Terminal {
  /** True once anything has been written to stdout. */
  hasAnswered = false;

  constructor(
    readonly stdout: AnswerStream,
    readonly stderr: NodeJS.WriteStream,
    readonly flags: TerminalFlags,
  ) {}

  /** Bars are drawn where somebody looks, and nowhere else. */
  get showsProgress(): boolean {
    return this.stderr.isTTY && !this.flags.json && !this.flags.quiet;
  }

  /** A command's answer: with --json the value, else the text. */
  answer(value: unknown, text: string): Promise<void> {
    return this.write(`${this.flags.json ? JSON.stringify(value) : text}\n`);
  }

  /** Resolves when the text has been taken, so that a slow reader slows the writer down. */
  write(text: string): Promise<void> {
    this.hasAnswered = true;
    return new Promise((resolve, reject) => {
      this.stdout.write(text, (error) =>
        error ? reject(ioError(error, 'stdout', 'write the answer')) : resolve(),
      );
    });
  }

  /** Something that people may want to know. */
  note(text: string): void {
    if (!this.flags.quiet) this.stderr.write(`${text}\n`);
  }

  /** Something that is wrong; said in any case. */
  complain(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  /** For runners: what they log goes to stderr, as `console` does here. */
  get logger(): Logger {
    const { quiet, verbose } = this.flags;
    // Our own errors say what to do; stacks are for those who ask.
    const shown = (arg: unknown): unknown => (RunwrightError.is(arg) ? formatError(arg, verbose) : arg);
    const to =
      (level: keyof Logger, wanted: boolean) =>
      (...args: unknown[]): void =>
        void (wanted && this.stderr.write(`${level}: ${format(...args.map(shown))}\n`));
    return {
      debug: to('debug', verbose),
      info: to('info', !quiet),
      warn: to('warn', !quiet),
      error: to('error', true),
    };
  }

  /** For the `onWarning` of whatever bundles. */
  readonly warn = ({ where, what, hint }: BundleWarning): void => {
    this.note(`warning: ${what}\n  where: ${where}\n  fix: ${hint}`);
  };
}
