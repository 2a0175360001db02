import { location } from './location';
import type { BundleWarning } from './Bundle';

export interface PathAliases {
  /** Absolute paths that a specifier may stand for, the likeliest first. */
  candidates(specifier: string): readonly string[];
  readonly warnings: readonly BundleWarning[];
}

/** The `paths` and `baseUrl` of the nearest `tsconfig.json`, what it extends included. Nothing else of it counts. */
export async function readPathAliases(entry: string): Promise<PathAliases> {
  const { createPathsMatcher, findTsconfig, parseTsconfig } = await import('get-tsconfig');
  const path = findTsconfig(entry);
  if (path === undefined) return { candidates: () => [], warnings: [] };
  try {
    const matcher = createPathsMatcher({ path, config: parseTsconfig(path) });
    return {
      // A declaration file says nothing of where the code is.
      candidates: (specifier) => (matcher?.(specifier) ?? []).filter((file) => !file.endsWith('.d.ts')),
      warnings: [],
    };
  } catch (error) {
    const what = `the file cannot be used, so its "paths" do not count (${error instanceof Error ? error.message : String(error)})`;
    const hint = 'Correct it, or install what it extends';
    return { candidates: () => [], warnings: [{ where: location(path), what, hint }] };
  }
}
