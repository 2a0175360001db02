import type { BundleWarning, NativePackage } from './Bundle';
import type { BundleProblem } from './BundleProblem';
import type { InstalledPackage } from './InstalledPackages';
import { location } from './location';

/** What one bundle leaves outside, and what is wrong with that. */
export class Outside {
  readonly problems: BundleProblem[] = [];
  readonly warnings: BundleWarning[] = [];
  readonly #natives = new Map<string, { version: string; directory: string }>();
  readonly #externals = new Set<string>();

  /** Sorted by name. */
  get natives(): readonly NativePackage[] {
    return [...this.#natives]
      .map(([name, { version }]) => ({ name, version }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Sorted. */
  get externals(): readonly string[] {
    return [...this.#externals].sort();
  }

  addRequirement(name: string): void {
    this.#externals.add(name);
  }

  /** What a dependency can do without is no requirement: on another platform it may not even exist. */
  addOptionalNative(name: string, parent: InstalledPackage, reason: string): void {
    this.warnings.push({
      where: parent.json.name ?? location(parent.directory),
      what: `its optional dependency ${name} ${reason} and is left outside`,
      hint: `Declare "${name}" as a requirement if the runner needs it`,
    });
  }

  /** @param name as the code imports it */
  addNative(name: string, { directory, json }: InstalledPackage, reason: string): void {
    const { version } = json;
    const refuse = (what: string, hint: string): void =>
      void this.problems.push({ code: 'RW_REQUIREMENT_INVALID', where: name, what, hint });
    if (name !== json.name) {
      return refuse(
        `the native package is imported under another name than its own, "${json.name ?? ''}" at ${location(directory)}`,
        'Install and import it under its own name',
      );
    }
    if (version === undefined) {
      return refuse(
        `the native package at ${location(directory)} has no version`,
        'Install it from a registry, or give it one',
      );
    }
    const known = this.#natives.get(name);
    if (known === undefined) {
      this.#natives.set(name, { version, directory });
      this.#externals.add(name);
    } else if (known.version !== version) {
      refuse(
        `two versions of a native package are imported: ${known.version} at ${location(known.directory)} and ${version} at ${location(directory)}; it ${reason}, so it stays outside the bundle, where only one can be`,
        'Bring them to one version, with "overrides" in package.json or with npm dedupe',
      );
    }
  }
}
