import { Command, CommanderError } from 'commander';
import { packageRoot } from '../artifact/packageRoot';
import type { RegistryOptions } from '../registrar/RegistryOptions';
import type { BuildFlags } from './commands/build';
import type { DoctorFlags } from './commands/doctor';
import type { PredictFlags } from './commands/predict';
import type { RegisterFlags } from './commands/register';
import type { ServeFlags } from './commands/serve';
import type { CommandContext, CommandWork } from './CommandContext';
import { EXIT, type ExitCode } from './ExitCode';
import { allowScripts } from './allowScripts';
import { ENTRY, REFERENCE, REGISTRY } from './argumentTerms';
import { examples } from './examples';
import { addArtifact, addText, parseCount } from './flagParsers';
import { registryCommands } from './registryCommands';
import { serveFlags } from './serveFlags';
import { usageError } from './usageError';

interface CommonFlags {
  readonly registry?: string;
  readonly organization?: string;
}

/**
 * The commands, their flags and their help. The program of a command is imported when it is run, not before.
 *
 * @param onStart gets the command and what it is about, without flags, for messages: `runwright predict ./iris.runner.ts`
 */
export function createProgram(
  streams: Omit<CommandContext, 'registry'>,
  onStart: (commandLine: string) => void = () => undefined,
): (argv: readonly string[]) => Promise<ExitCode> {
  const { terminal } = streams;
  let result: ExitCode = EXIT.done;
  const program = new Command('runwright');
  const run = async (work: CommandWork): Promise<void> => {
    const { registry, organization } = program.opts<CommonFlags>();
    const options: RegistryOptions = { registry, organizationName: organization };
    result = await work({ ...streams, registry: options });
  };

  program
    .description('Model runners for TypeScript: build, register, run and serve them.')
    .version(packageRoot().packageJson.version, '--version', 'print the version')
    .option('--registry <url>', `${REGISTRY} (default: $RUNWRIGHT_REGISTRY, else ~/.runwright/registry)`)
    .option(
      '--organization <name>',
      'owner of names that say none (default: $RUNWRIGHT_ORGANIZATION, else "default")',
    )
    .option('--json', 'print one JSON document on stdout, for predict one line per input')
    .option('--quiet', 'print nothing on stderr but errors')
    .option('--verbose', 'print errors with their stacks and causes')
    .configureHelp({ showGlobalOptions: true })
    .helpCommand('help [command]', 'explain a command')
    .addHelpText(
      'after',
      examples(
        'runwright register ./iris.runner.ts --repository iris --model trainModel',
        'runwright predict iris --input rows.jsonl',
        'runwright serve iris --port 8080',
      ) + '\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.',
    );

  const SOURCE = `${ENTRY}, or an ONNX file`;

  entryFlags(program.command('build').argument('<entry>', SOURCE))
    .summary('pack a runner into one file')
    .description('Packs a runner, its model and its files into one file, an OCI archive.')
    .option('-o, --output <file>', "where to write it (default: the runner's name and .runwright.tar)")
    .addHelpText('after', examples('runwright build ./iris.runner.ts --model trainModel -o iris.tar'))
    .action((entry: string, flags: BuildFlags) =>
      run(async (context) => (await import('./commands/build.js')).build(entry, flags, context)),
    );

  allowScripts(
    entryFlags(program.command('register').argument('<source>', `${ENTRY}, ONNX file, or archive`)),
  )
    .summary('publish a runner in a registry')
    .description('Packs a runner, checks it in a process of its own, and publishes it under a number.')
    .requiredOption('--repository <name>', 'series of models to publish in; made when it is new')
    .option('--model-number <number>', 'number that exists (default: a new one)', parseCount)
    .addHelpText(
      'after',
      examples(
        'runwright register ./iris.runner.ts --repository iris --model trainModel',
        'runwright register ./iris.runner.ts --repository iris --model-number 3',
        'runwright register ./tts.runner.ts --repository tts --artifact "voices/*=voices/*" --requirement sharp',
        'runwright register iris.tar --repository iris',
        'runwright register mlp.onnx --repository mlp',
      ),
    )
    .action((source: string, flags: RegisterFlags) =>
      run(async (context) => (await import('./commands/register.js')).register(source, flags, context)),
    );

  registryCommands(program, run);

  allowScripts(
    entryFlags(program.command('predict').argument('<model>', `${REFERENCE}, entry, ONNX file, or archive`)),
  )
    .summary('run a model')
    .description(
      'Runs a model on one JSON value, or on each line of JSON Lines, and prints one line of JSON for each. ' +
        'A line that fails is reported by its number, and an object with error, code and issues stands in its place.',
    )
    .option('--data <json>', 'one input')
    .option('--input <file>', 'file of JSON Lines or of one JSON document; - reads stdin')
    .option('--output <file>', 'where to write the outputs (default: stdout)')
    .option('--strict', 'stop at the first line that fails')
    .addHelpText(
      'after',
      examples(
        `runwright predict iris --data '{"sepalLength":5.1,"sepalWidth":3.5,"petalLength":1.4,"petalWidth":0.2}'`,
        'runwright predict iris:3 --input rows.jsonl --output answers.jsonl',
        'cat rows.jsonl | runwright predict ./iris.runner.ts --model trainModel --input -',
      ),
    )
    .action((model: string, flags: PredictFlags) =>
      run(async (context) => (await import('./commands/predict.js')).predict(model, flags, context)),
    );

  const serve = program
    .command('serve')
    .argument('<models...>', `${REFERENCE}, entries, ONNX files, or archives`);
  serveFlags(allowScripts(entryFlags(serve)))
    .summary('serve models over HTTP')
    .description(
      'Serves models over HTTP until it is stopped: POST /models/<name>/predict, POST /predict for the only model, ' +
        'the Open Inference Protocol under /v2, GET /healthz and GET /readyz.',
    )
    .addHelpText(
      'after',
      examples(
        'runwright serve iris',
        'runwright serve iris digits:2 --host 0.0.0.0 --port 8080',
        'runwright serve iris --workers 4 --memory-limit 512mb --queue 256 --timeout 5000',
        'runwright serve iris --warm-up rows.jsonl',
      ),
    )
    .action((models: string[], flags: ServeFlags) =>
      run(async (context) => (await import('./commands/serve.js')).serve(models, flags, context)),
    );

  program
    .command('doctor')
    .summary('check the toolchain of this project')
    .description('Checks what Runwright needs of this project and this machine, and says how to fix it.')
    .argument('[entry]', `${ENTRY}: bundle and scan it too`)
    .option('--class <export>', 'export that is the runner class, where there are several')
    .addHelpText('after', examples('runwright doctor', 'runwright doctor ./iris.runner.ts'))
    .action((entry: string | undefined, flags: DoctorFlags) =>
      run(async (context) => (await import('./commands/doctor.js')).doctor(entry, flags, context)),
    );

  program.hook('preAction', (_, command) =>
    onStart(['runwright', command.name(), ...command.args].join(' ')),
  );
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // Errors are thrown, and formatted with all others.
      outputError: () => undefined,
      writeErr: (text) => terminal.stderr.write(text),
    });
  }

  return async (argv) => {
    try {
      await program.parseAsync(argv, { from: 'user' });
      return result;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      // Help that was asked for, and the version.
      if (error.exitCode === 0) return EXIT.done;
      throw wrongUsage(error, program, argv);
    }
  };
}

function entryFlags(command: Command): Command {
  return command
    .option('--class <export>', 'export that is the runner class, where there are several')
    .option('--model <export>', 'export that is the model instance, or a function that makes it')
    .option(
      '--artifact <local=path>',
      'file or folder/* to take along, and its path in the package',
      addArtifact,
    )
    .option(
      '--requirement <spec>',
      'npm package to install beside the runner: name or name@version',
      addText,
    );
}

function wrongUsage({ code, message }: CommanderError, program: Command, argv: readonly string[]): Error {
  const command = program.commands.find((candidate) => argv.includes(candidate.name()));
  const where = command ? `runwright ${command.name()}` : 'runwright';
  const [, what = '', near] = /^(?:error: )?(.*?)(?:\n\(Did you mean (.*)\?\))?$/s.exec(message) ?? [];
  if (code === 'commander.help')
    return usageError(where, 'a command is missing', 'See above for the commands');
  return usageError(
    where,
    what.replace(/\.$/, ''),
    near === undefined ? `Run \`${where} --help\`` : `Did you mean ${near}? See \`${where} --help\``,
  );
}
