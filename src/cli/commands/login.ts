import { RunwrightError } from '../../errors/RunwrightError';
import { locateRegistry } from '../../registry/locateRegistry';
import { logIn } from '../../registry/logIn';
import { parseRegistryUrl } from '../../registry/parseRegistryUrl';
import type { RegistryAccess } from '../../registry/RegistryAccess';
import type { RegistryLocation } from '../../registry/RegistryLocation';
import type { RegistryOptions } from '../../registrar/RegistryOptions';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { readSecret } from '../readSecret';
import { readUsername } from '../readUsername';
import { usageError } from '../usageError';

export interface LoginFlags {
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly tokenStdin?: boolean;
}

/** What a registry is shown. */
type Proof = Pick<Parameters<typeof logIn>[1] & object, 'username' | 'password' | 'token'>;

/** @param named default: the registry in force */
export async function login(
  named: string | undefined,
  flags: LoginFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const location = locate(named, context.registry);
  const { url } = location;
  refuseUnfit(flags, location);
  const show = (proof: Proof) => logIn(url, { ...proof, signal, where: '<registry>' });
  const isGiven = flags.username !== undefined || flags.tokenStdin === true;
  const done = isGiven
    ? await show(await readProof(flags, location, context))
    : await show({}).then(
        async (kept) =>
          kept.source === null && process.stdin.isTTY
            ? show(await readProof(flags, location, context))
            : kept,
        async (error: unknown) => {
          if (!isLoggedOut(error)) throw error;
          if (process.stdin.isTTY) return show(await readProof(flags, location, context));
          const { what, where } = error;
          throw new RunwrightError(error.code, { where, what, hint: commandFor(location), cause: error });
        },
      );
  await terminal.answer({ registry: url, ...done }, describe(url, done));
  return EXIT.done;
}

function locate(named: string | undefined, { registry }: RegistryOptions): RegistryLocation {
  if (named === undefined) {
    return locateRegistry(typeof registry === 'object' ? registry.url : registry).location;
  }
  if (registry === undefined) return parseRegistryUrl(named, '<registry>');
  throw usageError('--registry', 'the argument names the registry already', 'Leave out one of the two');
}

/** What is not given is asked for. */
async function readProof(
  { username: given, tokenStdin }: LoginFlags,
  { kind }: RegistryLocation,
  { terminal, signal }: CommandContext,
): Promise<Proof> {
  if (kind === 'vessl' || tokenStdin === true)
    return { token: await readSecret('token', '--token-stdin', terminal, signal) };
  const username = given ?? (await readUsername(terminal, signal));
  return { username, password: await readSecret('password', '--password-stdin', terminal, signal) };
}

function commandFor({ kind, url }: RegistryLocation): string {
  const flags = kind === 'vessl' ? '--token-stdin' : '--username <name> --password-stdin';
  return `runwright login ${url} ${flags}`;
}

/** Other refusals are not mended by logging in. */
function isLoggedOut(error: unknown): error is RunwrightError {
  return (
    RunwrightError.is(error) &&
    error.code === 'RW_REGISTRY_DENIED' &&
    /runwright login|--token-stdin/.test(error.hint ?? '')
  );
}

/** Before anything is read or asked for. */
function refuseUnfit({ username, passwordStdin, tokenStdin }: LoginFlags, location: RegistryLocation): void {
  const wantsPassword = username !== undefined || passwordStdin === true;
  if (tokenStdin === true && wantsPassword) {
    throw usageError('--token-stdin', 'a token stands alone', 'Leave out --username and --password-stdin');
  }
  if (location.kind === 'vessl' && wantsPassword) {
    throw usageError(
      username === undefined ? '--password-stdin' : '--username',
      'VESSL takes an access token: --token-stdin',
      commandFor(location),
    );
  }
  if (location.kind === 'oci' && tokenStdin === true) {
    throw usageError(
      '--token-stdin',
      'an OCI registry takes a name and a password; an access token is given as the password',
      commandFor(location),
    );
  }
  if (passwordStdin === true && username === undefined) {
    throw usageError('--password-stdin', 'it is for a name, and none is given', 'Add --username');
  }
  if (location.kind === 'oci' && username !== undefined && passwordStdin !== true && !process.stdin.isTTY) {
    throw usageError(
      '--username',
      'there is no terminal to ask for the password on',
      'Write the password to stdin, and add --password-stdin',
    );
  }
}

function describe(registry: string, { source, username, stored, checked }: RegistryAccess): string {
  if (source === null) return `${registry} lets anybody in so far; nobody is logged in`;
  const who = username === null ? '' : ` as ${username}`;
  const where = `${stored ? 'kept' : 'found'} in ${source}`;
  return checked
    ? `logged in to ${registry}${who}\n${where}`
    : `${registry} lets anybody in so far, and did not look at the credentials${who}\n${where}`;
}
