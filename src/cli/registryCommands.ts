import type { Command } from 'commander';
import { allowScripts } from './allowScripts';
import { REFERENCE, REGISTRY } from './argumentTerms';
import type { CommandWork } from './CommandContext';
import type { CopyFlags } from './commands/copy';
import type { ListFlags } from './commands/list';
import type { LoginFlags } from './commands/login';
import type { PullFlags } from './commands/pull';
import type { PushFlags } from './commands/push';
import { examples } from './examples';
import { parseCount } from './flagParsers';

/** The commands that are about registries and what is in them. */
export function registryCommands(program: Command, run: (work: CommandWork) => Promise<void>): void {
  program
    .command('list')
    .summary('list the models of a registry')
    .description('Lists the models of a registry, or of one repository.')
    .argument('[repository]', 'name of a repository, or organization/repository')
    .option('--limit <number>', 'most models to list (default: all)', parseCount)
    .option('--after <reference>', 'list what comes behind this model, the last one of the page before')
    .addHelpText(
      'after',
      examples(
        'runwright list',
        'runwright list iris --json',
        'runwright list --limit 100 --after acme/iris:100',
        'runwright list --registry oci://ghcr.io/models acme/iris',
      ),
    )
    .action((repository: string | undefined, flags: ListFlags) =>
      run(async (context) => (await import('./commands/list.js')).list(repository, flags, context)),
    );

  program
    .command('show')
    .summary('describe a model')
    .description('Describes a model from its manifest. No code of it is run.')
    .argument('<reference>', REFERENCE)
    .addHelpText('after', examples('runwright show iris', 'runwright show acme/iris:3 --json'))
    .action((reference: string) =>
      run(async (context) => (await import('./commands/show.js')).show(reference, context)),
    );

  program
    .command('pull')
    .summary('copy a package into a folder')
    .description('Copies a package into a folder: runwright.json, code/, model/ and the artifacts.')
    .argument('<reference>', REFERENCE)
    .requiredOption('-o, --output <folder>', 'folder that is empty or does not exist')
    .addHelpText(
      'after',
      examples(
        'runwright pull iris:3 -o ./iris-3',
        'runwright pull oci://ghcr.io/models/acme/iris:3 -o ./iris-3',
      ),
    )
    .action((reference: string, flags: PullFlags) =>
      run(async (context) => (await import('./commands/pull.js')).pull(reference, flags, context)),
    );

  allowScripts(program.command('push'))
    .summary('bring a package to another registry')
    .description(
      'Brings an archive, or a model of the registry, to another registry, byte for byte. When a number there has this ' +
        'package already, nothing is made: the same command twice gives one number.',
    )
    .argument('<package>', `archive, or ${REFERENCE}`)
    .argument('<registry>', REGISTRY)
    .option('--repository <name>', "[organization/]repository there (default: as here, or the runner's name)")
    .addHelpText(
      'after',
      examples(
        'runwright push iris.tar oci://ghcr.io/models --repository acme/iris',
        'runwright push iris:3 vessl://acme',
      ),
    )
    .action((source: string, target: string, flags: PushFlags) =>
      run(async (context) => (await import('./commands/push.js')).push(source, target, flags, context)),
    );

  program
    .command('copy')
    .summary('copy a model between registries')
    .description(
      'Copies a model from one registry to another, byte for byte: its digest stays. What is there already is not sent again.',
    )
    .argument('<reference>', REFERENCE)
    .argument('<registry>', REGISTRY)
    .option('--repository <name>', '[organization/]repository there (default: as here)')
    .addHelpText(
      'after',
      examples(
        'runwright copy acme/iris:3 oci://ghcr.io/models',
        'runwright copy oci://ghcr.io/models/acme/iris:3 /srv/models',
        'runwright copy oci://ghcr.io/models/acme/iris:stable oci://registry.acme.com --repository production/iris',
      ),
    )
    .action((reference: string, target: string, flags: CopyFlags) =>
      run(async (context) => (await import('./commands/copy.js')).copy(reference, target, flags, context)),
    );

  program
    .command('login')
    .summary('check and keep credentials')
    .description(
      "Checks credentials against a registry and keeps them where its own tools do: Docker's file or credential helper, or " +
        "VESSL's settings. Without any it checks those that are there, and asks on a terminal where there are none. What the registry refuses is not kept.",
    )
    .argument(
      '[registry]',
      'oci://host[:port][/prefix], or vessl://organization (default: the registry in force)',
    )
    .option('--username <name>', 'who logs in; the password is asked for on a terminal')
    .option('--password-stdin', 'read the password from stdin')
    .option('--token-stdin', 'read an access token of VESSL from stdin')
    .addHelpText(
      'after',
      examples(
        'runwright login oci://ghcr.io',
        'runwright login oci://ghcr.io --username me',
        'pass show ghcr | runwright login oci://ghcr.io --username me --password-stdin',
        'runwright login vessl://acme --token-stdin < token.txt',
      ),
    )
    .action((registry: string | undefined, flags: LoginFlags) =>
      run(async (context) => (await import('./commands/login.js')).login(registry, flags, context)),
    );

  program
    .command('registry')
    .summary('say which registry is used, and why')
    .description(
      'Says which registry is used and why, where its credentials come from, and whether it answers.',
    )
    .addHelpText(
      'after',
      examples('runwright registry', 'runwright registry --registry oci://ghcr.io/models --json'),
    )
    .action(() => run(async (context) => (await import('./commands/registry.js')).registry(context)));

  program
    .command('verify')
    .summary('check the bytes of a package')
    .description('Compares every byte of a package with its digests. No code of it is run.')
    .argument('<package>', `${REFERENCE}, or an archive`)
    .addHelpText('after', examples('runwright verify iris:3', 'runwright verify iris.tar'))
    .action((source: string) =>
      run(async (context) => (await import('./commands/verify.js')).verify(source, context)),
    );

  program
    .command('alias')
    .summary('point a name at a model')
    .description('Points an alias at a model number; it may have pointed elsewhere.')
    .argument('<reference>', REFERENCE)
    .argument('<name>', 'alias: letters, digits, ".", "_" and "-", not digits alone')
    .addHelpText(
      'after',
      examples('runwright alias iris:3 stable', 'runwright predict iris:stable --input rows.jsonl'),
    )
    .action((reference: string, name: string) =>
      run(async (context) => (await import('./commands/alias.js')).alias(reference, name, context)),
    );
}
