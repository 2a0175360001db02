import { asRecord } from '../../artifact/asRecord';
import { foreignSource, isExactVersion, isPackageName } from './parseSpec';
import type { LockfileEntry, NpmLockfile } from './findNpmLockfile';
import { requirementFault } from './requirementFault';
import { resolveKey } from './resolveKey';

export interface LockEdge {
  /** The name under which it is required, which is not the package's own where it is an alias. */
  readonly name: string;
  /** It may be left out where it does not fit. */
  readonly optional: boolean;
  /** Key of the package that it is resolved to. */
  readonly to: string;
}

/** A package that the requirements reach. */
export interface LockNode {
  readonly key: string;
  readonly entry: LockfileEntry & { readonly version: string };
  readonly edges: readonly LockEdge[];
}

/**
 * The packages that some of a lockfile's packages reach, with what each requires: dependencies, optional ones for every
 * platform, and peers that are not optional.
 *
 * @throws RunwrightError RW_REQUIREMENT_INVALID for one that is missing or does not come from a registry
 */
export function readLockGraph(lockfile: NpmLockfile, direct: readonly string[]): Map<string, LockNode> {
  const nodes = new Map<string, LockNode>();
  const waiting = [...direct];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (nodes.has(key)) continue;
    const node = readNode(lockfile, key);
    nodes.set(key, node);
    waiting.push(...node.edges.map(({ to }) => to));
  }
  return nodes;
}

/** Where a package's peers are looked up: not in its own `node_modules`. */
const besideOf = (key: string) => key.slice(0, Math.max(0, key.lastIndexOf('node_modules/') - 1));

function readNode(lockfile: NpmLockfile, key: string): LockNode {
  const entry = lockfile.packages[key] ?? {};
  const name = key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const { version, resolved, link } = entry;
  const foreign =
    link === true
      ? 'this is a folder of the project that is linked, not a package of a registry'
      : typeof resolved === 'string' && !/^https?:/.test(resolved)
        ? (foreignSource(resolved) ?? 'it does not come from a registry')
        : undefined;
  if (foreign !== undefined || !isPackageName(name) || !isExactVersion(version)) throw refuse(name, foreign);
  return { key, entry: { ...entry, version }, edges: edgesOf(lockfile, key, name, entry) };
}

function edgesOf(lockfile: NpmLockfile, key: string, from: string, entry: LockfileEntry): LockEdge[] {
  const edges = new Map<string, LockEdge>();
  const optionalPeers = asRecord(entry.peerDependenciesMeta);
  // Peers first: what is a peer and a dependency at once is looked up as a dependency.
  for (const kind of ['peerDependencies', 'dependencies', 'optionalDependencies'] as const) {
    for (const [name, spec] of Object.entries(asRecord(entry[kind]))) {
      if (kind === 'peerDependencies' && asRecord(optionalPeers[name]).optional === true) continue;
      const to = resolveKey(
        (place) => lockfile.packages[place] !== undefined,
        kind === 'peerDependencies' ? besideOf(key) : key,
        name,
      );
      if (to === undefined) {
        // npm leaves out peers on demand, and optional ones when they could not be had.
        if (kind !== 'dependencies') continue;
        throw requirementFault(
          lockfile.file,
          `the lockfile does not hold ${name}, which ${from} requires`,
          'Run `npm install` in the project to complete it',
        );
      }
      const foreign = typeof spec === 'string' && !/^npm:/.test(spec) ? foreignSource(spec) : undefined;
      if (foreign !== undefined) throw refuse(`${from} > ${name}`, foreign);
      edges.set(name, { name, optional: kind === 'optionalDependencies', to });
    }
  }
  return [...edges.values()];
}

function refuse(where: string, what = 'the lockfile does not give it an exact version') {
  return requirementFault(
    where,
    what,
    'Requirements, and what they require, must be exact versions of a registry',
  );
}
