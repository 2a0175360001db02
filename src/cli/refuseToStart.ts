import { RunwrightError } from '../errors/RunwrightError';
import { errorDocument } from './errorDocument';
import { EXIT } from './ExitCode';
import { formatError } from './formatError';

/**
 * Says which libraries are not installed, and sets the exit code.
 *
 * @param missing at least one name
 */
export function refuseToStart(missing: readonly string[], argv: readonly string[]): void {
  const error = new RunwrightError('RW_LIBRARY_MISSING', {
    where: missing.join(', '),
    what: 'what Runwright shares with the code of its users is not installed',
    hint: `Run \`npm install ${missing.join(' ')}\``,
  });
  process.stderr.write(`${formatError(error, argv.includes('--verbose'))}\n`);
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorDocument(error))}\n`);
  process.exitCode = EXIT.failed;
}
