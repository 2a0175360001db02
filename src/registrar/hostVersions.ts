import { packageRoot } from '../artifact/packageRoot';
import { requiredPeers } from '../artifact/peerLibraries';
import { installedVersion } from './installedVersion';

/** Versions of what a package gets from the process that loads it, and of Node. */
export function hostVersions(): Readonly<Record<string, string>> {
  const { version } = packageRoot().packageJson;
  const versions: Record<string, string> = { node: process.versions.node, runwright: version };
  for (const name of Object.keys(requiredPeers())) {
    const installed = installedVersion(name);
    if (installed !== undefined) versions[name] = installed;
  }
  return versions;
}
