import type { NpmLockfile } from './findNpmLockfile';
import type { LockNode } from './readLockGraph';
import { resolveKey } from './resolveKey';
import { requirementFault } from './requirementFault';

/**
 * Gives every package a place below one new root. Most stay where they were. For an entry in a workspace, what stands
 * in the workspace's own `node_modules` moves to the root; a package of the root that it displaces moves to those that
 * require it.
 *
 * @param direct keys of the requirements themselves
 * @returns place to key, with every import resolved to the same package as before
 * @throws RunwrightError RW_REQUIREMENT_INVALID when there is no such layout
 */
export function placePackages(
  lockfile: NpmLockfile,
  nodes: ReadonlyMap<string, LockNode>,
  direct: readonly string[],
): Map<string, string> {
  const places = new Map<string, string>();
  const displaced = new Set<string>();
  const within = (key: string, parent: string) => key.startsWith(`${parent}/node_modules/`);
  for (const folder of foldersUpwards(lockfile.location)) {
    const prefix = folder === '' ? 'node_modules/' : `${folder}/node_modules/`;
    for (const key of [...nodes.keys()].filter((each) => each.startsWith(prefix)).sort()) {
      const place = key.slice(prefix.length - 'node_modules/'.length);
      if ([...displaced].some((other) => within(key, other))) continue;
      if (places.has(place)) displaced.add(key);
      else places.set(place, key);
    }
  }

  const moveBelow = (parent: string, key: string): void => {
    const place = `${parent}/node_modules/${nameAt(key)}`;
    if (places.has(place)) return;
    for (const [each, { edges }] of nodes) {
      if (each === key || within(each, key)) places.set(place + each.slice(key.length), each);
      else continue;
      for (const { to } of edges) if (displaced.has(to) && to !== key) moveBelow(parent, to);
    }
  };
  for (const [place, key] of [...places]) {
    for (const { to } of nodes.get(key)?.edges ?? []) if (displaced.has(to)) moveBelow(place, to);
  }

  verify(lockfile, nodes, direct, places);
  return places;
}

/** The folder, its parent, and so on up to the lockfile's own, which is the empty string. */
function foldersUpwards(location: string): string[] {
  const parts = location === '' ? [] : location.split('/');
  return Array.from({ length: parts.length + 1 }, (_, cut) => parts.slice(0, parts.length - cut).join('/'));
}

const nameAt = (key: string) => key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);

function verify(
  lockfile: NpmLockfile,
  nodes: ReadonlyMap<string, LockNode>,
  direct: readonly string[],
  places: ReadonlyMap<string, string>,
): void {
  const has = (place: string) => places.has(place);
  const wrong =
    direct.find((key) => places.get(`node_modules/${nameAt(key)}`) !== key) ??
    [...places].find(([place, key]) =>
      nodes.get(key)?.edges.some(({ name, to }) => {
        const found = resolveKey(has, place, name);
        return found === undefined || places.get(found) !== to;
      }),
    )?.[1];
  if (wrong === undefined) return;
  throw requirementFault(
    lockfile.file,
    `the packages that the workspace ${lockfile.location} uses cannot be installed apart from the others: ${nameAt(wrong)} would find other versions`,
    'Bring the workspaces to the same versions, for example with `npm dedupe`',
  );
}
