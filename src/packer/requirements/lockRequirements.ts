import { findInstalled, type InstalledPackage } from './findInstalled';
import { findNpmLockfile, type NpmLockfile } from './findNpmLockfile';
import type { LockedRequirement, LockedRequirements } from './LockedRequirements';
import { resolveKey } from './resolveKey';
import { isExactVersion, isPackageName, parseSpec } from './parseSpec';
import { requirementFault } from './requirementFault';
import { selectFromLockfile } from './selectFromLockfile';

export interface LockRequirementsOptions {
  /** What the user wrote: `left-pad`, `left-pad@1.3.0`, `@scope/x@2.0.0`. */
  readonly specs: readonly string[];
  /** Native packages that the bundle leaves outside, at the version that is installed here. */
  readonly natives: readonly { readonly name: string; readonly version: string }[];
  /** Absolute path of the entry's folder: names are looked up from here. */
  readonly from: string;
}

/**
 * Turns requirements into exact versions. A bare name takes the version that is installed in the project.
 *
 * Where the project has an npm lockfile, the part of it that the requirements reach travels along; every requirement
 * must then stand in the lockfile at the same version, for one that does not could not be held to a hash. Without a
 * lockfile a version other than the installed one is allowed.
 *
 * @throws RunwrightError RW_REQUIREMENT_INVALID naming the requirement, what is wrong, and what would be right
 * @example
 * await lockRequirements({ specs: ['left-pad'], natives: [{ name: 'sharp', version: '0.34.1' }], from: '/srv/iris' })
 */
export async function lockRequirements(options: LockRequirementsOptions): Promise<LockedRequirements> {
  const versions = await exactVersions(options);
  if (versions.size === 0) return { packages: [], lock: null };
  const names = [...versions.keys()].sort((a, b) => (a < b ? -1 : 1));
  const lockfile = await findNpmLockfile(options.from);
  if (lockfile === null) {
    return { packages: names.map((name) => ({ name, version: versions.get(name) ?? '' })), lock: null };
  }
  const keys = names.map((name) => keyOf(lockfile, name, versions.get(name) ?? ''));
  const lock = selectFromLockfile(lockfile, keys);
  const packages = names.map((name): LockedRequirement => {
    const { version = '', integrity } = lock.packages[`node_modules/${name}`] ?? {};
    return { name, version, ...(integrity === undefined ? {} : { integrity }) };
  });
  return { packages, lock };
}

async function exactVersions({
  specs,
  natives,
  from,
}: LockRequirementsOptions): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  const add = (name: string, version: string) => {
    const other = versions.get(name);
    if (other !== undefined && other !== version) {
      throw requirementFault(name, `it is required at ${other} and at ${version}`, 'Require one version');
    }
    versions.set(name, version);
  };
  for (const { name, version } of natives) {
    if (!isPackageName(name) || !isExactVersion(version)) {
      throw requirementFault(
        name,
        'the installed package has no exact version',
        'Install it from a registry',
      );
    }
    const installed = await findInstalled(name, from);
    if (installed?.linked === true) throw linked(name);
    add(name, version);
  }
  for (const spec of specs) {
    const parsed = parseSpec(spec);
    const installed = parsed.name === undefined ? undefined : await findInstalled(parsed.name, from);
    if (parsed.fault !== undefined) throw notExact(parsed.name, parsed.fault, installed);
    add(parsed.name, parsed.version ?? installedVersion(parsed.name, installed));
  }
  return versions;
}

function installedVersion(name: string, installed: InstalledPackage | undefined): string {
  if (installed === undefined) {
    throw requirementFault(
      name,
      'it is not installed in the project, so its version is not known',
      `Run \`npm install ${name}\`, or write an exact version such as ${name}@1.2.3`,
    );
  }
  if (installed.linked) throw linked(name);
  if (isExactVersion(installed.version)) return installed.version;
  throw requirementFault(name, 'the installed package has no exact version', 'Install it from a registry');
}

function linked(name: string) {
  return requirementFault(
    name,
    'it is a folder of the project that is linked into node_modules, not a package of a registry',
    'Publish it to a registry, or leave it out of the requirements: what is pure JavaScript is bundled',
  );
}

function notExact(name: string | undefined, fault: string, installed: InstalledPackage | undefined) {
  const known = installed !== undefined && !installed.linked && isExactVersion(installed.version);
  return requirementFault(
    name ?? 'a requirement',
    fault,
    known
      ? `Write ${name}@${installed.version}, the version that is installed in the project`
      : `Write the exact version of a registry's package, such as ${name ?? 'left-pad'}@1.3.0`,
  );
}

function keyOf(lockfile: NpmLockfile, name: string, version: string): string {
  const key = resolveKey((place) => lockfile.packages[place] !== undefined, lockfile.location, name);
  if (key === undefined) {
    throw requirementFault(
      name,
      `it is not in the lockfile ${lockfile.file}`,
      `Run \`npm install --save-exact ${name}@${version}\` in the project: what is locked is what gets installed`,
    );
  }
  const entry = lockfile.packages[key] ?? {};
  if (typeof entry.name === 'string' && entry.name !== name) {
    throw requirementFault(
      name,
      `it is an alias of ${entry.name}`,
      `Require ${entry.name} under its own name`,
    );
  }
  if (entry.version === version || entry.link === true) return key;
  throw requirementFault(
    name,
    `it is required at ${version}, and the lockfile ${lockfile.file} has ${String(entry.version)}`,
    `Write ${name}@${String(entry.version)} and run \`npm ci\`, or run \`npm install --save-exact ${name}@${version}\``,
  );
}
