import { type Command, Option } from 'commander';
import { parseBytes, parseCount, parseLength, parseMilliseconds, parsePort } from './flagParsers';

/** The flags that only `serve` has. */
export function serveFlags(command: Command): Command {
  return command
    .option('--port <number>', 'port; 0 takes any free one', parsePort, 3000)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option('--execution <mode>', 'where the models work')
        .choices(['inline', 'thread', 'process'])
        .default('process'),
    )
    .option('--workers <number>', 'threads or processes of each model (default: 1)', parseCount)
    .option(
      '--threads <number>',
      'native threads of each worker (default: the cores, shared among the workers of all models)',
      parseCount,
    )
    .option('--memory-limit <bytes>', 'most memory of each worker, such as 512mb or 2gb', parseBytes)
    .option(
      '--deadline-grace <ms>',
      'time that a run gets to end after its deadline, before its process is ended (default: 1000)',
      parseMilliseconds,
    )
    .option('--warm-up <file>', 'inputs that are run before the only model is ready, as predict reads them')
    .option('--queue <number>', 'requests that may wait for a model; more are answered 429', parseLength)
    .option('--timeout <ms>', 'time in which an answer must be there (default: no limit)', parseMilliseconds)
    .option('--body-limit <bytes>', 'most bytes of a request, files aside (default: 10mb)', parseBytes)
    .option('--file-limit <bytes>', 'most bytes of a file that says no limit (default: 100mb)', parseBytes)
    .option('--model-control', 'let clients load models of the registry, and unload them')
    .option(
      '--shutdown-timeout <ms>',
      'time that running requests get when the server is stopped',
      parseMilliseconds,
      // Container managers end a process after 30 seconds.
      25_000,
    );
}
