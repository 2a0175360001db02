import { once } from 'node:events';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ExecutionMode, ExecutionOptions } from '../../execution/ExecutionOptions';
import { shareOfCores } from '../../execution/planExecution';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import { createServer, type ModelControl } from '../../server';
import type { CommandContext } from '../CommandContext';
import type { EntryFlags, LoadFlags } from '../EntryFlags';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatError } from '../formatError';
import { readWarmUp } from '../readWarmUp';
import { parseTarget } from '../Target';
import { usageError } from '../usageError';
import { withHandle } from '../withHandle';

export interface ServeFlags extends EntryFlags, LoadFlags {
  readonly port: number;
  readonly host: string;
  readonly execution: ExecutionMode;
  readonly workers?: number;
  readonly threads?: number;
  /** Bytes. */
  readonly memoryLimit?: number;
  /** Milliseconds, as are all times. */
  readonly deadlineGrace?: number;
  readonly warmUp?: string;
  readonly queue?: number;
  readonly timeout?: number;
  readonly bodyLimit?: number;
  readonly fileLimit?: number;
  readonly modelControl?: boolean;
  readonly shutdownTimeout: number;
}

/** Serves until the signal fires, then finishes what runs. */
export async function serve(
  models: readonly string[],
  flags: ServeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const opened: RunnerHandle[] = [];
  const { workers = 1, memoryLimit, deadlineGrace } = flags;
  const execution: ExecutionOptions = {
    execution: flags.execution,
    workers,
    threads: flags.threads ?? shareOfCores(workers * models.length),
    memoryLimit,
    deadlineGrace,
    // Answers are printed on stdout, and what a runner prints must not get among them.
    workerStdout: 'stderr',
  };
  if (flags.warmUp !== undefined && models.length > 1) {
    const hint = 'Serve one model, or leave it out';
    throw usageError('--warm-up', 'it is for one model, and several are to be served', hint);
  }
  const warmUp = flags.warmUp === undefined ? undefined : await readWarmUp(flags.warmUp);
  const openNext = async ([model, ...rest]: readonly string[]): Promise<void> => {
    if (model === undefined) return listen(opened, flags, execution, context);
    const serveRest = (handle: RunnerHandle): Promise<void> => {
      refuseSameName(handle, opened);
      opened.push(handle);
      return openNext(rest);
    };
    await withHandle(parseTarget(model), flags, context, serveRest, { ...execution, warmUp });
  };
  await openNext(models);
  return EXIT.done;
}

/** Clients tell models apart by the names of their runners, and versions of one by the number. */
function refuseSameName(
  { definition: { name }, model }: RunnerHandle,
  others: readonly RunnerHandle[],
): void {
  const same = others.filter(({ definition }) => definition.name === name);
  const clash = same.some(
    (other) => model === undefined || other.model === undefined || other.model.number === model.number,
  );
  if (!clash) return;
  throw usageError(
    'runwright serve',
    `two of the models are named "${name}", and clients could not tell them apart`,
    'Serve each by a process of its own, or write a program: createServer takes { handle, name }',
  );
}

async function listen(
  handles: readonly RunnerHandle[],
  flags: ServeFlags,
  execution: ExecutionOptions,
  context: CommandContext,
): Promise<void> {
  const { port, host, queue, timeout, bodyLimit, fileLimit, shutdownTimeout } = flags;
  const { terminal, signal } = context;
  const report = (what: unknown, error: unknown): void =>
    terminal.complain(`${String(what)}: ${formatError(error, terminal.flags.verbose)}`);
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: quiet, warn: report, error: report };
  const server = await createServer(handles, {
    logger,
    queue,
    timeout,
    bodyLimit,
    fileLimit,
    closeTimeout: shutdownTimeout,
    modelControl: flags.modelControl === true ? modelControl(flags, execution, context) : undefined,
  });
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

/** Models by their references. Those that are loaded later share no cores with the others. */
function modelControl(
  { allowScripts }: ServeFlags,
  execution: ExecutionOptions,
  { registry, terminal }: CommandContext,
): ModelControl {
  const { logger } = terminal;
  return {
    load: async (reference) => {
      const { loadModel } = await import('../../registrar/loadModel.js');
      return loadModel(reference, { ...execution, ...registry, allowScripts, logger });
    },
  };
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
