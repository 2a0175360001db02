import { Console } from 'node:console';
import { setMaxListeners } from 'node:events';
import { RunwrightError } from '../errors/RunwrightError';
import { hasLiveThreads, untilThreadsEnd } from '../execution/pool/liveThreads';
import { errorDocument } from './errorDocument';
import { EXIT, type ExitCode } from './ExitCode';
import { exitCodeOf } from './exitCodeOf';
import { formatError } from './formatError';
import { Terminal, type AnswerStream } from './Terminal';

/**
 * Runs one command and ends the process. The first Ctrl-C or SIGTERM fires the command's signal and waits until it has
 * cleaned up; the second ends the process at once.
 */
export async function runCommandLine(argv: readonly string[]): Promise<never> {
  const given = (flag: string): boolean => argv.includes(flag);
  const flags = { json: given('--json'), quiet: given('--quiet'), verbose: given('--verbose') };
  const stdout = ownStdout();
  const terminal = new Terminal(stdout, process.stderr, flags);
  const stop = new AbortController();
  // One listener for each input under way is no leak.
  setMaxListeners(0, stop.signal);
  let commandLine = 'runwright';
  let interrupted = false;
  let unread = false;

  // What a runner prints must not get among the answers.
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr });
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (interrupted) exit(EXIT.interrupted, name);
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
  const exit = (code: ExitCode, signal: NodeJS.Signals = 'SIGKILL'): never => {
    process.off('exit', onForeignExit);
    if (hasLiveThreads()) {
      // Ending a thread inside native code would abort the program, with a dump in place of a status.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
    process.exit(code);
  };
  const tell = async (error: unknown): Promise<void> => {
    terminal.complain(formatError(error, flags.verbose));
    if (flags.json && !terminal.hasAnswered)
      await terminal.answer(errorDocument(error), '').catch(() => undefined);
  };
  const onForeignExit = (): void => {
    const what = 'code of the runner, or of a library it uses, ended the process: nothing was finished';
    const hint = 'Look for process.exit in it: throw an error instead';
    // Pipes and files take what is written at once.
    void tell(new RunwrightError('RW_STAGE_FAILED', { where: commandLine, what, hint }));
    process.exitCode = EXIT.failed;
  };
  process.on('exit', onForeignExit);
  process.on('uncaughtException', (error) => {
    terminal.complain(formatError(error, flags.verbose));
    exit(EXIT.failed);
  });
  process.once('beforeExit', () => {
    const what = 'a promise that the command waits for can never settle';
    const hint = 'Look for one in the runner, its entry, and the model that it makes';
    void tell(new RunwrightError('RW_STAGE_FAILED', { where: commandLine, what, hint }));
    exit(EXIT.failed);
  });
  /** Ends the process although a runner may have left timers or sockets behind, once both streams have been taken. */
  const end = async (code: ExitCode): Promise<never> => {
    for (const stream of [stdout, process.stderr]) {
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
    }
    // Some may still load what has been called off.
    await untilThreadsEnd();
    return exit(code);
  };

  try {
    const { createProgram } = await import('./createProgram.js');
    return await end(
      await createProgram({ terminal, signal: stop.signal }, (started) => {
        commandLine = started;
      })(argv),
    );
  } catch (error) {
    if (unread) return await end(EXIT.done);
    await tell(error);
    return await end(interrupted ? EXIT.interrupted : exitCodeOf(error));
  }
}

/** The real stdout, for answers alone: what anybody else writes to `process.stdout` goes to stderr from now on. */
function ownStdout(): AnswerStream {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return { isTTY: stdout.isTTY, write };
}
