import { packageRoot } from './packageRoot';

/** The libraries that Runwright shares with its users' code, by name, with their version ranges; those it can do without left out. */
export function requiredPeers(): Readonly<Record<string, string>> {
  const { peerDependencies, peerDependenciesMeta } = packageRoot().packageJson;
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional !== true),
  );
}
