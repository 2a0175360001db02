import { logIn } from '../../registry/logIn';
import type { RegistryAccess } from '../../registry/RegistryAccess';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { readSecret } from '../readSecret';
import { usageError } from '../usageError';

export interface LoginFlags {
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly tokenStdin?: boolean;
}

export async function login(
  registry: string,
  flags: LoginFlags,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const { username } = flags;
  const wantsPassword = username !== undefined || flags.passwordStdin === true;
  refuseUnfit(flags);
  const password = wantsPassword
    ? await readSecret('password', '--password-stdin', terminal, signal)
    : undefined;
  const token =
    flags.tokenStdin === true ? await readSecret('token', '--token-stdin', terminal, signal) : undefined;
  const done = await logIn(registry, { username, password, token, signal });
  await terminal.answer({ registry, ...done }, describe(registry, done));
  return EXIT.done;
}

function refuseUnfit({ username, passwordStdin, tokenStdin }: LoginFlags): void {
  if (tokenStdin === true && (username !== undefined || passwordStdin === true)) {
    throw usageError('--token-stdin', 'a token stands alone', 'Leave out --username and --password-stdin');
  }
  if (passwordStdin === true && username === undefined) {
    throw usageError('--password-stdin', 'it is for a name, and none is given', 'Add --username');
  }
  if (username !== undefined && passwordStdin !== true && !process.stdin.isTTY) {
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
