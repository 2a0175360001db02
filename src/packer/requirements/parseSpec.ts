import { valid, validRange } from 'semver';

/** What a requirement spec says: a name with or without an exact version, or why it is not taken. */
export type ParsedSpec =
  | { readonly name: string; readonly version: string | undefined; readonly fault?: undefined }
  | { readonly name: string | undefined; readonly fault: string };

const NAME = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/i;

/** The name of an npm package, scoped or not; upper case is taken, because old packages have it; never a flag. */
export function isPackageName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 214 && NAME.test(value) && value !== 'node_modules';
}

/** A version that only one published package can have: no range, no tag, no `v`, no build metadata. */
export function isExactVersion(value: unknown): value is string {
  return typeof value === 'string' && valid(value) === value;
}

/** Reads `left-pad`, `left-pad@1.3.0`, `@scope/x@2.0.0`; all else comes back with its fault. */
export function parseSpec(spec: string): ParsedSpec {
  const at = spec.indexOf('@', 1);
  const name = at === -1 ? spec : spec.slice(0, at);
  const version = at === -1 ? undefined : spec.slice(at + 1);
  const foreign = foreignSource(version !== undefined && isPackageName(name) ? version : spec);
  if (!isPackageName(name))
    return { name: undefined, fault: foreign ?? 'this is not the name of an npm package' };
  if (version === undefined || isExactVersion(version)) return { name, version };
  if (foreign !== undefined) return { name, fault: foreign };
  if (version === '' || validRange(version) !== null) return { name, fault: 'this is a range of versions' };
  return { name, fault: 'this is a tag, which can point at another version tomorrow' };
}

/** Says where a dependency comes from when that is not a registry, from what stands for its version in a package.json. */
export function foreignSource(spec: string): string | undefined {
  if (/^workspace:/i.test(spec)) return 'this is a workspace of the project, not a package of a registry';
  if (/^npm:/i.test(spec)) return 'this is an alias of another package';
  if (/^(?:git[+:@]|git$|github:|gitlab:|bitbucket:|gist:|ssh:)|\.git(?:#|$)/i.test(spec)) {
    return 'this is a git repository, not a package of a registry';
  }
  if (
    /^(?:file:|link:|\.{0,2}[/\\]|~\/|[a-z]:[/\\])|\.(?:tgz|tar|tar\.gz)$/i.test(spec) &&
    !/^https?:/i.test(spec)
  ) {
    return 'this is a file or a folder, not a package of a registry';
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(spec)) return 'this is a URL, not a package of a registry';
  if (/^[^@\s/]+\/[^\s/]+$/.test(spec)) return 'this is a git repository, not a package of a registry';
  return undefined;
}
