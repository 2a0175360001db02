import { spawn } from 'node:child_process';
import { errorCodeOf } from '../../../errors/errorCodeOf';
import { RunwrightError } from '../../../errors/RunwrightError';

/** Milliseconds: a helper may ask its user for the key of a keychain. */
const LIMIT = 30_000;

/** Bytes of an answer. */
const LARGEST = 1024 * 1024;

/** What helpers say when they know nothing of the host (docker/docker-credential-helpers, credentials/error.go). */
const NOT_FOUND = 'credentials not found';

export interface HelperCall {
  /** `osxkeychain` for the program `docker-credential-osxkeychain`. */
  readonly helper: string;
  readonly verb: 'get' | 'store';
  readonly input: string;
  /** For messages: the host, and the file that names the helper. */
  readonly host: string;
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds; 30,000 by default. */
  readonly limit?: number | undefined;
}

/**
 * Asks the program that keeps credentials for Docker. What it says is shown to nobody: it may hold them.
 *
 * @returns what it answers; `undefined` when it has no credentials of that host
 * @throws RunwrightError RW_REGISTRY_DENIED
 */
export async function runCredentialHelper(call: HelperCall): Promise<string | undefined> {
  const { helper, verb, input, host, file, environment, limit = LIMIT } = call;
  const program = `docker-credential-${helper}`;
  const failed = (what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_REGISTRY_DENIED', {
      where: host,
      what: `the credential helper ${program} that ${file} names ${what}`,
      hint,
    });
  if (!/^[A-Za-z0-9._-]+$/.test(helper)) {
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: host,
      what: `${file} names a credential helper by what is no name of a program`,
      hint: 'A name has letters, digits, ".", "_" and "-": mend `credHelpers` or `credsStore`',
    });
  }
  const { code, output } = await run(program, [verb], input, environment, limit);
  if (code === 0) return output;
  if (output.includes(NOT_FOUND)) return undefined;
  if (code === 'ENOENT') {
    throw failed('is not installed', 'Install it, or take it out of that file and log in again');
  }
  const why =
    code === 'timeout'
      ? `did not answer within ${limit / 1000} s`
      : `failed (${typeof code === 'number' ? `exit code ${code}` : code})`;
  throw failed(why, `Run \`echo ${host} | ${program} get\` to see why, or log in again`);
}

interface Outcome {
  readonly code: number | string;
  readonly output: string;
}

function run(
  program: string,
  args: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv,
  limit: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (code: number | string): void => {
      clearTimeout(timer);
      resolve({ code, output: Buffer.concat(chunks).toString() });
    };
    const stop = (code: string): void => {
      child.kill('SIGKILL');
      // Its own children may hold the pipe open.
      child.stdout.destroy();
      end(code);
    };
    const timer = setTimeout(() => stop('timeout'), limit);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > LARGEST) stop('too long an answer');
    });
    child.once('error', (error) => end(errorCodeOf(error) ?? 'it could not be started'));
    child.once('close', (code, signal) => end(code ?? signal ?? 'ended'));
    // One that does not read what it is told says why by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
