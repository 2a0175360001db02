import { inspect } from 'node:util';
import type { Issue } from '../errors/Issue';
import { RunwrightError } from '../errors/RunwrightError';
import { flagOf, inFlagTerms } from './flagTerms';
import { withoutControls } from './withoutControls';

/**
 * An error for people: what, where, every issue, and what to do about it.
 *
 * @param verbose with the stack and the causes
 */
export function formatError(error: unknown, verbose = false): string {
  const lines = RunwrightError.is(error) ? ownError(error) : foreignError(error);
  if (verbose) lines.push(inspect(error));
  // Names and messages may come from a registry.
  return lines.map(withoutSteering).join('\n');
}

/** Lines and tabs stay as they are. */
function withoutSteering(text: string): string {
  return text.replace(/[^\n\t]+/g, withoutControls);
}

function ownError(error: RunwrightError): string[] {
  const { code, what, where, hint, cause } = error;
  const issues = issuesOf(error);
  // The sentence of a validation error ends with its first issues, which follow here in full.
  const said = issues.length > 0 ? what.replace(/:.*$/s, '') : inFlagTerms(what);
  const lines = [`error: ${said} [${code}]`];
  if (where !== undefined) lines.push(`  where: ${flagOf(where) ?? where}`);
  for (const { path, message, received } of issues) {
    lines.push(`  - ${path === '' ? '(root)' : path}: ${message} (received ${received})`);
  }
  // What the operating system refused stands in `what` already, by its code.
  const isNews = cause instanceof Error && !('syscall' in cause) && !what.includes(cause.message);
  if (isNews && !RunwrightError.is(cause)) lines.push(`  cause: ${cause.message}`);
  lines.push(`  fix: ${inFlagTerms(hint)}`);
  return lines;
}

function foreignError(error: unknown): string[] {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // class-validator throws this when its decorators are called in the new way.
  const isTc39 = error instanceof TypeError && error.message.includes("reading 'constructor'");
  const fix = isTc39
    ? 'Set "experimentalDecorators": true in tsconfig.json; `runwright doctor` checks the toolchain'
    : 'Run it again with --verbose to see where it comes from';
  return [`error: ${said}`, `  fix: ${fix}`];
}

export function issuesOf(error: unknown): readonly Issue[] {
  return (error as { issues?: readonly Issue[] }).issues ?? [];
}
