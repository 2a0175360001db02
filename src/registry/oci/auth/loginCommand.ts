import { isLoopback } from '../../isLoopback';

/**
 * The command that logs in to a registry, for messages: `runwright login oci://ghcr.io --username <name>`.
 *
 * @param host the name under which its credentials are kept
 */
export function loginCommand(origin: URL, host: string): string {
  const usual = isLoopback(origin.hostname) ? 'http:' : 'https:';
  const scheme = origin.protocol === usual ? 'oci' : `oci+${origin.protocol.slice(0, -1)}`;
  return `runwright login ${scheme}://${host} --username <name>`;
}
