import { pathToFileURL } from 'node:url';
import { HOST_PARAMETER } from './HostTable';
import { loadFault } from './loadFault';

/**
 * Imports the code of a package, with the modules of a host (see `registerHost`).
 *
 * @param codeFile absolute path of the bundle
 * @returns its exports by name; the members of a default-exported object, which is what a CommonJS entry has, count as names
 * @throws RunwrightError RW_ENTRY_INVALID when the code does not load; RunwrightErrors of the code itself go through
 */
export async function importBundle(
  codeFile: string,
  hostId: string,
): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(codeFile);
  url.searchParams.set(HOST_PARAMETER, hostId);
  let namespace: Readonly<Record<string, unknown>>;
  try {
    namespace = (await import(url.href)) as typeof namespace;
  } catch (error) {
    throw loadFault(codeFile, error);
  }
  const { default: fallback } = namespace;
  return typeof fallback === 'object' && fallback !== null ? { ...fallback, ...namespace } : namespace;
}
