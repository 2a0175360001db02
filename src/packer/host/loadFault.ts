import { RunwrightError } from '../../errors/RunwrightError';

const MISSING_MODULE = /Cannot find (?:package|module) '([^']+)'/;
const MISSING_EXPORT = /requested module '([^']+)' does not provide an export named '([^']+)'/;

/** Why the code of a package did not load, in terms of what its author can do. */
export function loadFault(codeFile: string, error: unknown): RunwrightError {
  if (RunwrightError.is(error)) return error;
  const { name, message, code } = (
    error instanceof Error ? error : new Error(String(error))
  ) as NodeJS.ErrnoException;
  const refuse = (what: string, hint: string) =>
    new RunwrightError('RW_ENTRY_INVALID', {
      where: codeFile,
      what: `the code does not load: ${what}`,
      hint,
      cause: error,
    });

  const module = MISSING_MODULE.exec(message)?.[1];
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return module === codeFile || module === undefined
      ? refuse(message, 'Check that the file is there and complete')
      : refuse(
          `the package "${module}" is not installed where the runner runs`,
          'Declare it as a requirement, and install the requirements',
        );
  }
  const missing = MISSING_EXPORT.exec(message);
  if (missing !== null) {
    return refuse(
      `"${missing[1]}" does not export "${missing[2]}"`,
      'Correct the name, or the version of the requirement; for a type, write `import type`',
    );
  }
  if (message.includes("reading 'constructor'")) {
    return refuse(
      'a decorator was applied as a TC39 decorator, which has no target',
      'Compile with "experimentalDecorators": true, dependencies that declare decorated classes too',
    );
  }
  if (message.includes('is not defined in ES module scope')) {
    return refuse(
      message,
      'The bundle is an ES module: use import and export in modules that are written as ES modules',
    );
  }
  return refuse(
    `it threw ${name}: ${message}`,
    name === 'SyntaxError'
      ? 'Check that the file is complete, and that this Node.js is new enough'
      : 'Correct the code that runs when the entry is imported',
  );
}
