/** One npm package that must be installed where the runner runs. */
export interface LockedRequirement {
  readonly name: string;
  /** An exact version. */
  readonly version: string;
  /** Subresource integrity of its tarball, where the project's lockfile has one. */
  readonly integrity?: string;
  /** Where it was downloaded from is a matter of the machine that installs it: no host gets into hashed bytes. */
  readonly resolved?: never;
}

/** One package of an `NpmLock`, in the terms of npm's lockfile. */
export interface LockedPackage {
  /** Its real name, where an alias gives it another one. */
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  /** Name to the exact version that is locked for it, `npm:name@version` for an alias. Peers are among them. */
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly bundleDependencies?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  /** Only reached by way of optional dependencies: it may be left out where it does not fit. */
  readonly optional?: true;
  /** Comes inside the tarball of a package above it. */
  readonly inBundle?: true;
  readonly hasInstallScript?: true;
}

/** What the requirements reach in the project's npm lockfile: no path, host, registry or root of the project in it. */
export interface NpmLock {
  readonly lockfileVersion: 3;
  /** Place (`node_modules/a/node_modules/b`) to package, sorted by place. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** The requirements of a runner as they stand in its manifest. */
export interface LockedRequirements {
  /** Direct requirements, sorted by name. */
  readonly packages: readonly LockedRequirement[];
  /** `null` when the project has no npm lockfile: then npm chooses what the requirements themselves require. */
  readonly lock: NpmLock | null;
}
