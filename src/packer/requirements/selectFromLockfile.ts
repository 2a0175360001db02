import { asRecord } from '../../artifact/asRecord';
import type { NpmLockfile } from './findNpmLockfile';
import { readLockGraph, type LockNode } from './readLockGraph';
import type { LockedPackage, NpmLock } from './LockedRequirements';
import { placePackages } from './placePackages';

/**
 * The part of a lockfile that some of its packages reach, as a lockfile of its own. Ranges become the versions that
 * they were resolved to and peers become dependencies, which makes it independent of `overrides` and peer settings.
 *
 * @param direct keys of the requirements
 */
export function selectFromLockfile(lockfile: NpmLockfile, direct: readonly string[]): NpmLock {
  const nodes = readLockGraph(lockfile, direct);
  const places = placePackages(lockfile, nodes, direct);
  const required = requiredKeys(nodes, direct);
  const packages: Record<string, LockedPackage> = {};
  for (const [place, key] of [...places].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const node = nodes.get(key);
    if (node !== undefined) packages[place] = lockedPackage(node, nodes, !required.has(key));
  }
  return { lockfileVersion: 3, packages };
}

/** What is reached without an optional dependency in between: it must be installed whatever the platform. */
function requiredKeys(nodes: ReadonlyMap<string, LockNode>, direct: readonly string[]): Set<string> {
  const required = new Set<string>();
  const waiting = [...direct];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (required.has(key)) continue;
    required.add(key);
    const edges = nodes.get(key)?.edges ?? [];
    waiting.push(...edges.filter((edge) => !edge.optional).map(({ to }) => to));
  }
  return required;
}

function lockedPackage(
  { entry, edges }: LockNode,
  nodes: ReadonlyMap<string, LockNode>,
  optional: boolean,
): LockedPackage {
  const { version } = entry;
  const name = text(entry.name);
  const integrity = text(entry.integrity);
  return {
    ...(name === undefined ? {} : { name }),
    version,
    ...(integrity === undefined ? {} : { integrity }),
    ...edgesOf('dependencies'),
    ...edgesOf('optionalDependencies'),
    ...listOf('bundleDependencies'),
    ...binOf(entry.bin),
    ...listOf('os'),
    ...listOf('cpu'),
    ...listOf('libc'),
    ...(optional ? { optional } : {}),
    ...(entry.inBundle === true ? { inBundle: true } : {}),
    ...(entry.hasInstallScript === true ? { hasInstallScript: true } : {}),
  };

  function edgesOf(kind: 'dependencies' | 'optionalDependencies') {
    const own = edges.filter((edge) => edge.optional === (kind === 'optionalDependencies'));
    return own.length === 0
      ? {}
      : {
          [kind]: Object.fromEntries(
            own.map(({ name: alias, to }) => [alias, exactSpec(alias, nodes.get(to))]),
          ),
        };
  }

  function listOf(field: 'bundleDependencies' | 'os' | 'cpu' | 'libc') {
    const list = entry[field];
    return Array.isArray(list) ? { [field]: list.filter((item) => typeof item === 'string') } : {};
  }
}

function exactSpec(alias: string, target: LockNode | undefined): string {
  const { name, version } = target?.entry ?? { version: '' };
  return typeof name === 'string' && name !== alias ? `npm:${name}@${version}` : String(version);
}

function binOf(bin: unknown): { bin?: Record<string, string> } {
  const entries = Object.entries(asRecord(bin)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return entries.length === 0 ? {} : { bin: Object.fromEntries(entries) };
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
