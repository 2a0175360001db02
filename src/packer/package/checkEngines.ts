import { RunwrightError } from '../../errors/RunwrightError';
import type { RunnerManifest } from '../manifest/RunnerManifest';

/**
 * Refuses a package that needs other versions of Node or of the shared libraries than this host has.
 *
 * @param installed versions of the host's copies, by the names of `manifest.engines`
 * @throws RunwrightError RW_PACKAGE_INCOMPATIBLE
 */
export async function checkEngines(
  manifest: RunnerManifest,
  installed: Readonly<Record<string, string>>,
  where: string,
): Promise<void> {
  const { default: satisfies } = await import('semver/functions/satisfies.js');
  const unmet = Object.entries(manifest.engines).flatMap(([name, range]) => {
    const version = installed[name];
    if (version !== undefined && satisfies(version, range, { includePrerelease: true })) return [];
    return [`${name} ${range} (here: ${version ?? 'none'})`];
  });
  if (unmet.length === 0) return;
  throw new RunwrightError('RW_PACKAGE_INCOMPATIBLE', {
    where,
    what: `the package needs ${unmet.join(', ')}`,
    hint: 'Install those versions where the package is loaded, or register it again with the ones that are here',
  });
}
