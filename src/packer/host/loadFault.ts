import { RunwrightError } from '../../errors/RunwrightError';

const MISSING_MODULE = /Cannot find (?:package|module) '([^']+)'/;
const MISSING_EXPORT = /requested module '([^']+)' does not provide an export named '([^']+)'/;
/** The first line of a stack: Node's own when a file could not be read or linked, and so nothing of it has run. */
const FIRST_FRAME = /^ {4}at .*$/m;

/**
 * Why the code of a package did not load, in terms of what its author can do.
 *
 * @param codeFile absolute path of the bundle, which may be a temporary one
 * @param entry the user's name for the code, for messages
 */
export function loadFault(codeFile: string, entry: string, error: unknown): RunwrightError {
  if (RunwrightError.is(error)) return error;
  const isError = error instanceof Error;
  const { name, code, stack = '' } = (isError ? error : { name: '' }) as Partial<NodeJS.ErrnoException>;
  const message = (isError ? error.message : String(error)).replaceAll(codeFile, entry);
  const refuse = (what: string, hint: string) =>
    new RunwrightError('RW_ENTRY_INVALID', {
      where: entry,
      what: `the code does not load: ${what}`,
      hint,
      cause: error,
    });

  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    const module = MISSING_MODULE.exec(message)?.[1];
    if (module === entry) return refuse('its file is missing', 'Check that the file is there and complete');
    return module === undefined
      ? refuse(message, 'Import what that package documents; a newer Runwright may give more of it')
      : refuse(
          `the package "${module}" is not installed where the runner runs`,
          'Declare it as a requirement, and install the requirements',
        );
  }
  const frame = FIRST_FRAME.exec(stack)?.[0] ?? 'node:internal';
  if (name === 'SyntaxError' && frame.includes('node:internal')) {
    const missing = MISSING_EXPORT.exec(message);
    return missing === null
      ? refuse(
          `SyntaxError: ${message}`,
          'Check that the file is complete, and that this Node.js is new enough',
        )
      : refuse(
          `"${missing[1]}" does not export "${missing[2]}"`,
          'Correct the name, or the version of the requirement; for a type, write `import type`',
        );
  }
  if (name === 'TypeError' && message.includes("reading 'constructor'")) {
    return refuse(
      'a decorator was applied as a TC39 decorator, which has no target',
      'Compile with "experimentalDecorators": true, dependencies that declare decorated classes too',
    );
  }
  if (name === 'ReferenceError' && message.includes('is not defined in ES module scope')) {
    return refuse(
      message,
      'The bundle is an ES module: use import and export in modules that are written as ES modules',
    );
  }
  const thrown = name === undefined || name === '' || name === 'Error' ? message : `${name}: ${message}`;
  return refuse(
    `the module threw when it was imported: ${thrown}`,
    'Correct the code that runs when the entry is imported',
  );
}
