import type { BundleProblem } from './BundleProblem';
import { importPlace, type ModuleSyntax } from './importPlace';
import { packageName } from './packageName';

export interface UnresolvedImport {
  readonly specifier: string;
  /** The file that asks. */
  readonly importer: string;
  /** Whether that file is the user's own: only such a file can mean the user's path aliases. */
  readonly own: boolean;
}

/** What is wrong with an import that leads nowhere; nothing where the importing module copes without it. */
export function unresolvedImport(
  { specifier, importer, own }: UnresolvedImport,
  modules: ModuleSyntax,
): BundleProblem | undefined {
  const where = importPlace(importer, specifier, modules);
  if (where === undefined) return undefined;
  const name = packageName(specifier);
  const ways = /^[./]/.test(specifier)
    ? ['correct the path, or add the file']
    : [
        ...(name === undefined
          ? []
          : [`install it (npm install ${name})`, `declare "${name}" as a requirement`]),
        ...(own
          ? ['if it stands for a path, add it to "paths" in the tsconfig.json nearest to the entry']
          : []),
      ];
  const hint = ways.join(', or ');
  return {
    code: 'RW_BUNDLE_FAILED',
    where,
    what: `cannot resolve "${specifier}"`,
    hint: hint.charAt(0).toUpperCase() + hint.slice(1),
  };
}
