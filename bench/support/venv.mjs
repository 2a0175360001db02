import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cacheFolder.mjs';

const run = promisify(execFile);

/**
 * A Python environment with packages from PyPI, kept between runs: delete its folder to have newer versions.
 *
 * @returns `bin`, the folder of its programs, and `versions`, for people
 * @throws Error with what pip said
 */
export async function venv(name, packages) {
  const folder = join(cacheFolder(), 'venv', name);
  const bin = join(folder, 'bin');
  const mark = join(folder, 'installed.txt');
  const wanted = packages.join('\n');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]);
    writeFileSync(mark, wanted);
  }
  const { stdout } = await run(join(bin, 'python'), [
    '-c',
    'import sys, importlib.metadata as m; print(", ".join(f"{n} {m.version(n)}" for n in sys.argv[1:]))',
    ...packages,
  ]);
  return { bin, versions: stdout.trim() };
}
