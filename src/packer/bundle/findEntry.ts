import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, parse } from 'node:path';
import { RunwrightError } from '../../errors/RunwrightError';
import { location } from './location';

const EXTENSIONS = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

/**
 * The real path of an entry.
 *
 * @throws RunwrightError RW_ENTRY_INVALID when it is not the absolute path of a TypeScript or JavaScript file
 */
export async function findEntry(entry: string): Promise<string> {
  const refuse = (what: string, hint: string, cause?: unknown) =>
    new RunwrightError('RW_ENTRY_INVALID', { where: `entry ${location(entry)}`, what, hint, cause });
  const form = 'Name the module that exports the runner class, for example ./iris.runner.ts';
  if (!isAbsolute(entry))
    throw refuse('the path is not absolute', 'Resolve it against the folder that it is meant from');
  let file: string;
  let isFile: boolean;
  try {
    file = await realpath(entry);
    isFile = (await stat(file)).isFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw refuse(`the file cannot be read (${code ?? 'unknown error'})`, form, cause);
    const beside = await findBeside(entry);
    throw refuse(
      'there is no such file',
      beside === undefined ? form : `There is ${beside} beside it: name that one, or compile it first`,
      cause,
    );
  }
  if (!isFile) throw refuse('this is not a file', form);
  if (file.endsWith('.d.ts') || !EXTENSIONS.includes(extname(file))) {
    throw refuse(
      'this is not a TypeScript or JavaScript module',
      `${form}; its extension must be one of ${EXTENSIONS.join(' ')}`,
    );
  }
  return file;
}

/** The name of a module that differs in its extension alone: a program that runs from sources names what is not compiled yet. */
async function findBeside(entry: string): Promise<string | undefined> {
  const { dir, name } = parse(entry);
  const names = await readdir(dir).catch((): string[] => []);
  return EXTENSIONS.map((extension) => name + extension).find((one) => names.includes(one));
}
