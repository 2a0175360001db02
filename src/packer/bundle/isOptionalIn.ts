import type { InstalledPackage } from './InstalledPackages';

/** True when a package says that it can do without another one. */
export function isOptionalIn({ json }: InstalledPackage, name: string): boolean {
  return (
    json.optionalDependencies?.[name] !== undefined || json.peerDependenciesMeta?.[name]?.optional === true
  );
}
