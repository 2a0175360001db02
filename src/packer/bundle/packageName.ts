import type { InstalledPackage } from './InstalledPackages';

/** `@scope/name` or `name` of a bare specifier; `undefined` for a path, a URL, a `#import`, or what no package is called. */
export function packageName(specifier: string): string | undefined {
  return /^(?:@[\w~-][\w.~-]*\/)?[\w-][\w.~-]*(?=\/|$)/.exec(specifier)?.[0];
}

/** True when a package says that it can do without another one. */
export function optionalIn({ json }: InstalledPackage, name: string): boolean {
  return (
    json.optionalDependencies?.[name] !== undefined || json.peerDependenciesMeta?.[name]?.optional === true
  );
}
