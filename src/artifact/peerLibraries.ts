import { packageRoot } from './packageRoot';

/** The libraries that Runwright shares with its users' code, by name, with their version ranges; those it can do without left out. */
export function requiredPeers(): Readonly<Record<string, string>> {
  return peers(false);
}

/** The libraries that it works with where they are installed, with their version ranges. */
export function optionalPeers(): Readonly<Record<string, string>> {
  return peers(true);
}

function peers(optional: boolean): Record<string, string> {
  const { peerDependencies, peerDependenciesMeta } = packageRoot().packageJson;
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(
      ([name]) => (peerDependenciesMeta[name]?.optional === true) === optional,
    ),
  );
}
