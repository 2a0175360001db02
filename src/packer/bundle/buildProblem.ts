import { extname } from 'node:path';
import { RunwrightError } from '../../errors/RunwrightError';
import type { BundleProblem } from './BundleProblem';
import { location } from './location';
import { fileOf } from './moduleId';

/** What the bundler says of one fault; of its fields, those that are used. */
export interface BuildFault {
  readonly code?: string | undefined;
  readonly message: string;
  readonly id?: string | undefined;
  /** The module that lacks an export. */
  readonly exporter?: string | undefined;
  /** UTF-16 offset in the module. */
  readonly pos?: number | undefined;
  readonly loc?: { readonly line: number; readonly column: number } | undefined;
}

/** A fault of the bundler in our words: no frame, no stack, the place in front. */
export function buildProblem(
  entry: string,
  { code = '', message, id, exporter = '', loc }: BuildFault,
): BundleProblem {
  const file = fileOf(id ?? entry);
  const where = location(file, loc?.line, loc === undefined ? undefined : loc.column + 1);
  const [line = ''] = message.split('\n');
  const reason = line.replace(/^\[\w+\] /, '').replace(/\.$/, '');
  const make = (what: string, hint: string): BundleProblem => ({
    code: 'RW_BUNDLE_FAILED',
    where,
    what,
    hint,
  });
  switch (code) {
    case 'MISSING_EXPORT':
      return make(
        reason.replace(/ by ".*"$/, ` by ${location(fileOf(exporter))}`),
        'Export it there or correct the name; for a type, write `import type`',
      );
    case 'PARSE_ERROR':
      return /^\.(?:[cm]?[jt]sx?)?$/.test(extname(file))
        ? make(`syntax error: ${reason}`, 'Correct the source')
        : make(
            `a ${extname(file) || 'plain'} file cannot be bundled`,
            'Only JavaScript, TypeScript, JSON and text can be imported: declare the file as an artifact and read it in @Load',
          );
    case 'JSON_PARSE':
      return make(`the JSON is not valid: ${reason}`, 'Correct the file');
    default:
      return make(reason === '' ? 'the bundler failed' : reason, 'Correct the source');
  }
}

/** The single faults of what the bundler threw. */
export function buildFaults(error: unknown): readonly BuildFault[] {
  const { errors } = error as { errors?: unknown };
  if (Array.isArray(errors)) return errors as BuildFault[];
  throw new RunwrightError('RW_BUNDLE_FAILED', {
    what: 'the bundler failed',
    hint: 'The cause says more',
    cause: error,
  });
}
