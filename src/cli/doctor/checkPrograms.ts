import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { packageRoot } from '../../artifact/packageRoot';
import { failed, ok, type Check } from './Check';

/** Node.js and npm themselves. */
export async function checkPrograms(): Promise<Check[]> {
  return [await checkNode(), await checkNpm()];
}

async function checkNode(): Promise<Check> {
  const { default: satisfies } = await import('semver/functions/satisfies.js');
  const range = packageRoot().packageJson.engines.node;
  const { version } = process;
  if (satisfies(version, range, { includePrerelease: true })) return ok('node', version);
  return failed('node', version, `Install Node.js ${range}`);
}

async function checkNpm(): Promise<Check> {
  try {
    // npm is a script on Windows, which only a shell can start.
    const { stdout } = await promisify(execFile)('npm', ['--version'], {
      shell: process.platform === 'win32',
      timeout: 20_000,
    });
    return ok('npm', stdout.trim());
  } catch (error) {
    return failed(
      'npm',
      `it does not run (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      'Install npm and put it on the PATH: requirements of packages are installed with it',
    );
  }
}
