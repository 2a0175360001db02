import { once } from 'node:events';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ExecutionMode, ExecutionOptions } from '../../execution/ExecutionOptions';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import { createServer } from '../../server';
import type { CommandContext } from '../CommandContext';
import type { EntryFlags, LoadFlags } from '../EntryFlags';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatError } from '../formatError';
import { parseTarget } from '../Target';
import { withHandle } from '../withHandle';

export interface ServeFlags extends EntryFlags, LoadFlags {
  readonly port: number;
  readonly host: string;
  readonly execution: ExecutionMode;
  readonly workers?: number;
  readonly threads?: number;
  /** Bytes. */
  readonly memoryLimit?: number;
  readonly queue?: number;
  /** Milliseconds, as are all times. */
  readonly timeout?: number;
  readonly shutdownTimeout: number;
}

/** Serves until the signal fires, then finishes what runs. */
export async function serve(
  models: readonly string[],
  flags: ServeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const opened: RunnerHandle[] = [];
  const { workers, threads, memoryLimit } = flags;
  // Answers are printed on stdout, and what a runner prints must not get among them.
  const execution: ExecutionOptions = {
    execution: flags.execution,
    workers,
    threads,
    memoryLimit,
    workerStdout: 'stderr',
  };
  const openNext = async ([model, ...rest]: readonly string[]): Promise<void> => {
    if (model === undefined) return listen(opened, flags, context);
    const serveRest = (handle: RunnerHandle): Promise<void> => {
      opened.push(handle);
      return openNext(rest);
    };
    await withHandle(parseTarget(model), flags, context, serveRest, execution);
  };
  await openNext(models);
  return EXIT.done;
}

async function listen(
  handles: readonly RunnerHandle[],
  { port, host, queue, timeout, shutdownTimeout }: ServeFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const report = (what: unknown, error: unknown): void =>
    terminal.complain(`${String(what)}: ${formatError(error, terminal.flags.verbose)}`);
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: quiet, warn: report, error: report };
  const server = await createServer(handles, { logger, queue, timeout, closeTimeout: shutdownTimeout });
  try {
    // It came while the models were being loaded.
    if (signal.aborted) return;
    const url = await server.listen({ port, host }).catch((error: unknown) => {
      throw listenFault(error, `${host}:${port}`);
    });
    const names = handles.map(({ definition }) => definition.name);
    if (terminal.flags.json) await terminal.answer({ url, models: names }, '');
    else terminal.note(`serving ${names.join(', ')} at ${url}`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await server.close();
  }
}

const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there: choose another --port; 0 takes any free one',
  EACCES: 'This user may not listen on that port: choose a --port above 1023',
  EADDRNOTAVAIL: 'This machine does not have that address: try --host 127.0.0.1 or --host 0.0.0.0',
  ENOTFOUND: 'There is no such host: try --host 127.0.0.1 or --host 0.0.0.0',
};

function listenFault(cause: unknown, where: string): RunwrightError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const hint = LISTEN_HINTS[code] ?? 'Check --host and --port';
  return new RunwrightError('RW_IO', { where, what: `could not listen (${code || message})`, hint, cause });
}
