import { asRecord } from '../../artifact/asRecord';
import { isRecord } from '../../artifact/isRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import type { LockedPackage, LockedRequirement, LockedRequirements, NpmLock } from './LockedRequirements';
import { isExactVersion, isPackageName } from './parseSpec';

const PLACE = /^node_modules\/(?:@[^@/\\]+\/)?[^@/\\]+(?:\/node_modules\/(?:@[^@/\\]+\/)?[^@/\\]+)*$/;
const INTEGRITY = /^(?:sha(?:1|256|384|512)-[A-Za-z0-9+/]+={0,2}(?:\s+|$))+$/;
const RELATIVE = /^(?!.*(?:^|[/\\])\.\.(?:[/\\]|$))(?![/\\])[^:]+$/;

/**
 * Locked requirements out of a package, which anybody may have made: npm is to see nothing but exact versions of
 * registry packages, each at a place below `node_modules`. Unknown fields are dropped.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID
 */
export function parseLockedRequirements(value: unknown): LockedRequirements {
  const { packages, lock } = asRecord(value);
  if (!Array.isArray(packages)) throw refuse('they are not a list');
  const direct = packages.map(parseRequirement);
  if (lock === null) return { packages: direct, lock };
  const parsed = parseLock(lock);
  for (const { name, version } of direct) {
    if (parsed.packages[`node_modules/${name}`]?.version === version) continue;
    throw refuse(`the lockfile does not hold ${name}@${version}`);
  }
  return { packages: direct, lock: parsed };
}

function parseRequirement(value: unknown): LockedRequirement {
  const { name, version, integrity } = asRecord(value);
  if (!isPackageName(name) || !isExactVersion(version)) throw refuse('one has no name or no exact version');
  return { name, version, ...integrityOf(integrity) };
}

function parseLock(value: unknown): NpmLock {
  const { lockfileVersion, packages } = asRecord(value);
  if (lockfileVersion !== 3 || !isRecord(packages)) throw refuse('the lockfile is not of version 3');
  const entries = Object.entries(packages).map(([place, entry]) => {
    const names = place.split(/(?:^|\/)node_modules\//).slice(1);
    if (!PLACE.test(place) || !names.every(isPackageName))
      throw refuse('the lockfile has a place of a wrong form');
    return [place, parsePackage(entry)] as const;
  });
  return { lockfileVersion, packages: Object.fromEntries(entries) };
}

function parsePackage(value: unknown): LockedPackage {
  const entry = asRecord(value);
  const { name, version, bin, optional, inBundle, hasInstallScript } = entry;
  if (!isExactVersion(version) || (name !== undefined && !isPackageName(name))) {
    throw refuse('the lockfile has a package without an exact version or with a wrong name');
  }
  return {
    ...(name === undefined ? {} : { name }),
    version,
    ...integrityOf(entry.integrity),
    ...dependencies('dependencies'),
    ...dependencies('optionalDependencies'),
    ...list('bundleDependencies', isPackageName),
    ...(bin === undefined ? {} : { bin: parseBin(bin) }),
    ...list('os', isWord),
    ...list('cpu', isWord),
    ...list('libc', isWord),
    ...(optional === true ? { optional } : {}),
    ...(inBundle === true ? { inBundle } : {}),
    ...(hasInstallScript === true ? { hasInstallScript } : {}),
  };

  function dependencies(field: 'dependencies' | 'optionalDependencies') {
    if (entry[field] === undefined) return {};
    const pairs = Object.entries(asRecord(entry[field])).map(([key, spec]) => {
      if (!isPackageName(key) || !isExactSpec(spec))
        throw refuse('the lockfile has a dependency that is not exact');
      return [key, spec] as const;
    });
    return { [field]: Object.fromEntries(pairs) };
  }

  function list<T extends string>(field: string, is: (item: unknown) => item is T) {
    const items = entry[field];
    if (items === undefined) return {};
    if (!Array.isArray(items) || !items.every(is))
      throw refuse(`the lockfile has a \`${field}\` of a wrong form`);
    return { [field]: items };
  }
}

function parseBin(value: unknown): Record<string, string> {
  const pairs = Object.entries(asRecord(value)).map(([name, path]) => {
    if (!isPackageName(name) || typeof path !== 'string' || !RELATIVE.test(path)) {
      throw refuse('the lockfile has a `bin` that leads out of its package');
    }
    return [name, path] as const;
  });
  return Object.fromEntries(pairs);
}

function integrityOf(value: unknown): { integrity?: string } {
  if (value === undefined) return {};
  if (typeof value === 'string' && INTEGRITY.test(value)) return { integrity: value };
  throw refuse('an integrity is not a hash');
}

function isExactSpec(spec: unknown): spec is string {
  if (typeof spec !== 'string') return false;
  if (!spec.startsWith('npm:')) return isExactVersion(spec);
  const at = spec.lastIndexOf('@');
  return isPackageName(spec.slice('npm:'.length, at)) && isExactVersion(spec.slice(at + 1));
}

const isWord = (value: unknown): value is string =>
  typeof value === 'string' && /^!?[a-z0-9_-]+$/i.test(value);

function refuse(what: string): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', {
    where: 'requirements',
    what: `the requirements of the package cannot be used: ${what}`,
    hint: 'Build or register the model again with this version of Runwright',
  });
}
