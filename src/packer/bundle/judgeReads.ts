import type { BundleWarning } from './Bundle';
import type { BundleProblem } from './BundleProblem';
import type { FileRead } from './findFileReads';
import type { InstalledPackages } from './InstalledPackages';
import { location, locationAt } from './location';
import { fileOf } from './moduleId';
import type { OwnModules } from './OwnModules';
import type { ModuleReads } from './sourcePlugin';

const ADVICE: Readonly<Record<FileRead['kind'], { what: string; hint: string }>> = {
  read: {
    what: 'makes the path of a file beside the module, which will not be there when the package is opened',
    hint: 'Declare the file as an artifact: @Load gets its path. A JSON or text file can also be imported. Code that only runs while training belongs into a module of its own',
  },
  require: {
    what: 'asks for modules that the bundler cannot see, so they are not in the package',
    hint: 'Load them with import',
  },
  computed: {
    what: 'loads a module whose name is only known when it runs, so it is not in the package',
    hint: 'Import the modules that are meant by their names',
  },
  place: {
    what: 'is the place of the bundle when the package is opened, not of this module',
    hint: 'Declare a file that is read with it as an artifact: @Load gets its path',
  },
};

/** Refuses what the user's own modules read beside themselves, and warns of what dependencies do, once a package. */
export function judgeReads(
  found: ReadonlyMap<string, ModuleReads>,
  own: OwnModules,
  packages: InstalledPackages,
): { problems: readonly BundleProblem[]; warnings: readonly BundleWarning[] } {
  const problems: BundleProblem[] = [];
  const warnings = new Map<string, BundleWarning>();
  for (const [id, { source, reads }] of found) {
    const file = fileOf(id);
    for (const { offset, text, kind } of reads) {
      if (own.has(id)) {
        const where = locationAt(file, source, offset);
        const what = `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\` ${ADVICE[kind].what}`;
        const { hint } = ADVICE[kind];
        if (kind === 'read') problems.push({ code: 'RW_BUNDLE_READS_FILES', where, what, hint });
        else warnings.set(where, { where, what, hint });
        continue;
      }
      const where = packages.packageOf(file)?.json.name ?? location(file);
      const what = `the package may read files of its own (it uses ${text}), and they are not in the bundle`;
      const hint = `If it does not work once it is packed, declare "${where}" as a requirement: then it is installed instead of bundled`;
      if (!warnings.has(where)) warnings.set(where, { where, what, hint });
    }
  }
  return { problems, warnings: [...warnings.values()] };
}
