import { pathToFileURL } from 'node:url';
import { HOST_PARAMETER } from './HostTable';
import { loadFault } from './loadFault';

/**
 * Imports the code of a package, with the modules of a host (see `registerHost`).
 *
 * @param codeFile absolute path of the bundle
 * @param entry the user's name for the code, for messages; the path of the bundle by default
 * @returns its exports by name; the members of a default-exported object or class, which is what a CommonJS entry has, count
 *   as names
 * @throws RunwrightError RW_ENTRY_INVALID when the code does not load; RunwrightErrors of the code itself go through
 */
export async function importBundle(
  codeFile: string,
  hostId: string,
  entry = codeFile,
): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(codeFile);
  url.searchParams.set(HOST_PARAMETER, hostId);
  let namespace: Readonly<Record<string, unknown>>;
  try {
    namespace = (await import(url.href)) as typeof namespace;
  } catch (error) {
    throw loadFault(codeFile, entry, error);
  }
  const { default: fallback } = namespace;
  const hasMembers = typeof fallback === 'function' || (typeof fallback === 'object' && fallback !== null);
  return hasMembers ? { ...fallback, ...namespace } : namespace;
}
