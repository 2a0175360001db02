/** What Docker itself calls its Hub: a URL of a protocol that is gone (docker/cli, cli/config/configfile). */
const HUB = 'https://index.docker.io/v1/';

const HUB_HOSTS: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** The name under which a login keeps the credentials of a host, in files and in helpers. */
export function credentialKey(host: string): string {
  return HUB_HOSTS.includes(host) ? HUB : host;
}

/** Whether a name in a file is that of the host: the host itself, or a URL of it as old versions of Docker wrote it. */
export function isKeyOf(key: string, host: string): boolean {
  const named = /^https?:\/\/([^/]+)(\/v[12])?\/?$/.exec(key)?.[1] ?? key;
  return named === host || (HUB_HOSTS.includes(host) && HUB_HOSTS.includes(named));
}
