import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { RunwrightError } from '../../errors/RunwrightError';

export interface FindPythonOptions {
  /** A path, or the name of a program on PATH. Default: the environment variable RUNWRIGHT_PYTHON. */
  readonly python?: string | undefined;
  /** The oldest torch that will do. Default 1.13. */
  readonly atLeast?: string | undefined;
}

export interface Python {
  /** The interpreter. */
  readonly path: string;
  readonly torchVersion: string;
  readonly pythonVersion: string;
}

const OLDEST_TORCH = '1.13';
/** Milliseconds that an interpreter has to answer. */
const PATIENCE = 20_000;
const NAMES = process.platform === 'win32' ? ['python.exe', 'python3.exe'] : ['python3', 'python'];

// Reads torch's version without importing torch, which takes seconds. With -c, the working directory is on the path: it is
// taken off, so that a folder called torch is not taken for the library.
const PROBE = `
import importlib.util, json, os, platform, runpy, sys
sys.path[:] = [path for path in sys.path if path]
spec = importlib.util.find_spec('torch')
version = None
if spec is not None and spec.origin:
    version = str(runpy.run_path(os.path.join(os.path.dirname(spec.origin), 'version.py'))['__version__'])
print(json.dumps({'path': sys.executable, 'python': platform.python_version(), 'torch': version}))
`;

const found = new Map<string, Python>();

/**
 * A Python with torch: the given one; otherwise that of RUNWRIGHT_PYTHON; otherwise the first `python3` or `python` of all on
 * PATH whose torch will do. Remembered while the process lives.
 *
 * @throws RunwrightError RW_PYTHON_MISSING with every interpreter that was tried and why it would not do. One that was named is
 *   the only one that is tried
 * @example const { path, torchVersion } = await findPython();
 */
export async function findPython({
  python,
  atLeast = OLDEST_TORCH,
}: FindPythonOptions = {}): Promise<Python> {
  const named = python ?? (process.env['RUNWRIGHT_PYTHON'] || undefined);
  const candidates = named === undefined ? await onPath() : [named];
  const faults: string[] = [];
  for (const candidate of candidates) {
    const known = found.get(candidate) ?? (await probe(candidate));
    if (typeof known === 'string') faults.push(`${candidate}: ${known}`);
    else if (isOlder(known.torchVersion, atLeast))
      faults.push(
        `${candidate}: its torch is ${known.torchVersion}, and ${atLeast} is the oldest that will do`,
      );
    else {
      found.set(candidate, known);
      return known;
    }
  }
  throw pythonMissing(faults, atLeast, whoNamed(python, named));
}

function whoNamed(given: string | undefined, named: string | undefined): string | undefined {
  if (named === undefined) return undefined;
  return given === undefined ? 'RUNWRIGHT_PYTHON' : 'the option `python`';
}

function pythonMissing(
  faults: readonly string[],
  atLeast: string,
  namedBy: string | undefined,
): RunwrightError {
  const list =
    faults.length === 0 ? ': there is no python3 or python on PATH' : `:\n  - ${faults.join('\n  - ')}`;
  const install = `Install torch ${atLeast} or newer for it (\`pip install torch\`, or Debian's python3-torch)`;
  return new RunwrightError('RW_PYTHON_MISSING', {
    where: namedBy,
    what: `no Python with torch ${atLeast} or newer was found${list}`,
    hint:
      namedBy === undefined
        ? `${install}, or name a Python that has it: RUNWRIGHT_PYTHON=/path/to/python, or the option \`python\``
        : `${install}, or name another Python there`,
  });
}

/** Every interpreter on PATH, once. */
async function onPath(): Promise<string[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => undefined)));
  // Of folders, not of files: the python of a virtual environment is a link to another one, and has other libraries.
  const once = new Set(real.filter((folder) => folder !== undefined));
  const files = [...once].flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const present = await Promise.all(files.map((file) => realpath(file).catch(() => undefined)));
  return files.filter((_, at) => present[at] !== undefined);
}

/** @returns why it will not do, where it will not */
async function probe(candidate: string): Promise<Python | string> {
  try {
    const { stdout } = await promisify(execFile)(candidate, ['-c', PROBE], {
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const { path, python, torch } = JSON.parse(stdout) as {
      path: string;
      python: string;
      torch: string | null;
    };
    if (torch === null) return `Python ${python} without torch`;
    return { path: path === '' ? candidate : path, torchVersion: torch, pythonVersion: python };
  } catch (error) {
    return whyNot(error);
  }
}

function whyNot(error: unknown): string {
  const { code, killed, stderr } = error as { code?: unknown; killed?: unknown; stderr?: unknown };
  if (code === 'ENOENT') return 'there is no such program';
  if (code === 'EACCES') return 'it may not be run';
  if (killed === true) return `it did not answer within ${PATIENCE / 1000} s`;
  const words = typeof stderr === 'string' ? stderr.trim().split('\n').at(-1) : undefined;
  return `it could not say which torch it has${words === undefined || words === '' ? '' : ` (${words})`}`;
}

function isOlder(version: string, atLeast: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [leastMajor = 0, leastMinor = 0] = atLeast.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
