import { spawn } from 'node:child_process';

export interface ProgramResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const OF_OUR_RUNNER =
  /^(?:npm_(?!config_(?:registry|cache|userconfig|cafile|\w*proxy)$)|VITEST|NODE_(?:ENV|OPTIONS)$|(?:TEST|PROD|DEV|SSR|MODE|BASE_URL)$)/;

/** Runs a program to its end, without the variables by which the test runner and npm speak to their children. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, environment = {} }: { cwd: string; environment?: NodeJS.ProcessEnv },
): Promise<ProgramResult> {
  const inherited = Object.entries(process.env).filter(([name]) => !OF_OUR_RUNNER.test(name));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...environment };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
