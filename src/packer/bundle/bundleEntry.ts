import type { Bundle, BundleOptions } from './Bundle';
import { buildProblem, type BuildFault } from './buildProblem';
import { bundleError } from './BundleProblem';
import { byPlace } from './byPlace';
import { findEntry } from './findEntry';
import { isTypeOnlyImport } from './isTypeOnlyImport';
import { location } from './location';
import { fileOf } from './moduleId';
import { readPathAliases } from './pathAliases';
import { placeEntry } from './placeEntry';
import { runBundler } from './runBundler';

/**
 * Makes one ES module of an entry and all that it imports.
 *
 * Pure JavaScript is bundled. Outside stay: native packages, the declared requirements, and `runwright`,
 * `reflect-metadata`, `class-validator` and `class-transformer`, which the loading process gives (see `importBundle`). The
 * bytes depend on the sources alone, not on the folder, the working directory or the options of the user's compiler.
 *
 * @throws RunwrightError RW_ENTRY_INVALID (the entry is no module), RW_BUNDLE_FAILED (syntax, unresolved imports),
 *   RW_BUNDLE_READS_FILES, RW_REQUIREMENT_INVALID (two versions of one native package); all faults at once
 * @example
 * const { code, natives } = await bundleEntry({ entry: '/project/iris.runner.ts', requirements: ['sharp'] });
 */
export async function bundleEntry({ entry, source, requirements = [] }: BundleOptions): Promise<Bundle> {
  const file = source === undefined ? await findEntry(entry) : await placeEntry(entry);
  const aliases = await readPathAliases(file);
  const input = { entry: file, source, requirements: new Set(requirements), aliases };
  let run = await runBundler({ ...input, shimMissingExports: false });
  let faults = await withoutTypeOnlyImports(run.faults, source === undefined ? undefined : file);
  if (run.faults.length > 0 && faults.length === 0) {
    run = await runBundler({ ...input, shimMissingExports: true });
    faults = run.faults;
  }
  const problems = [...run.problems, ...faults.map((fault) => buildProblem(file, fault))];
  if (run.code === undefined || problems.length > 0)
    throw bundleError(location(file), byPlace(problems), run.cause);
  return {
    code: Buffer.from(run.code),
    natives: run.natives,
    externals: run.externals,
    warnings: byPlace([...aliases.warnings, ...run.warnings]),
  };
}

/** @param given the module that is not a file: its text is what is compiled */
async function withoutTypeOnlyImports(
  faults: readonly BuildFault[],
  given: string | undefined,
): Promise<readonly BuildFault[]> {
  const real = await Promise.all(
    faults.map(async ({ code, id, exporter, pos }) => {
      if (code !== 'MISSING_EXPORT' || id === undefined || exporter === undefined || pos === undefined)
        return true;
      if (fileOf(id) === given) return true;
      return !(await isTypeOnlyImport({ importer: fileOf(id), exporter: fileOf(exporter), offset: pos }));
    }),
  );
  return faults.filter((_, index) => real[index]);
}
