import { Console } from 'node:console';
import { setMaxListeners } from 'node:events';
import { errorDocument } from './errorDocument';
import { EXIT, type ExitCode } from './ExitCode';
import { exitCodeOf } from './exitCodeOf';
import { formatError } from './formatError';
import { Terminal } from './Terminal';

/**
 * Runs one command and ends the process. The first Ctrl-C or SIGTERM fires the command's signal and waits until it has
 * cleaned up; the second ends the process at once.
 */
export async function runCommandLine(argv: readonly string[]): Promise<never> {
  const given = (flag: string): boolean => argv.includes(flag);
  const flags = { json: given('--json'), quiet: given('--quiet'), verbose: given('--verbose') };
  const terminal = new Terminal(process.stdout, process.stderr, flags);
  const stop = new AbortController();
  // One listener for each input under way is no leak.
  setMaxListeners(0, stop.signal);
  let interrupted = false;
  let unread = false;

  // What a runner prints must not get among the answers.
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr });
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (interrupted) process.exit(EXIT.interrupted);
      interrupted = true;
      terminal.note(`\nstopping; ${name === 'SIGINT' ? 'Ctrl-C' : name} again ends it at once`);
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // `runwright list | head -1` is no failure. Other errors reach whoever wrote.
    if (code !== 'EPIPE') return;
    unread = true;
    stop.abort(new Error('nobody reads the output any more'));
  });
  process.stderr.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    terminal.complain(formatError(error, flags.verbose));
    process.exit(EXIT.failed);
  });
  process.once('beforeExit', () => {
    terminal.complain(
      'error: a promise that the command waits for can never settle\n  fix: Look for one in the runner',
    );
    process.exit(EXIT.failed);
  });

  try {
    const { createProgram } = await import('./createProgram.js');
    return await end(await createProgram({ terminal, signal: stop.signal })(argv));
  } catch (error) {
    if (unread) return await end(EXIT.done);
    terminal.complain(formatError(error, flags.verbose));
    if (flags.json && !terminal.hasAnswered)
      await terminal.answer(errorDocument(error), '').catch(() => undefined);
    return await end(interrupted ? EXIT.interrupted : exitCodeOf(error));
  }
}

/** Ends the process although a runner may have left timers or sockets behind, once both streams have been taken. */
async function end(code: ExitCode): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.exit(code);
}
