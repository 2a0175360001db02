import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNameComponent } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';
import { isLoopback } from './isLoopback';
import type { RegistryLocation } from './RegistryLocation';

const VESSL_API_HOST = 'https://api.vessl.ai';

/** Where Docker Hub takes requests, and its names. */
const HUB = 'registry-1.docker.io';
const HUB_HOSTS: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', HUB]);

/** By the scheme that names an OCI registry; `undefined` where the host decides. */
const PROTOCOLS: Readonly<Record<string, 'http' | 'https' | undefined>> = {
  oci: undefined,
  'oci+http': 'http',
  'oci+https': 'https',
};

const HINT =
  'Name a folder (/srv/models, file:///srv/models), an OCI registry (oci://ghcr.io/acme), or an organization of VESSL (vessl://acme)';

const OCI_FORM = 'Write oci://host[:port][/prefix]';

/** What stands before registries elsewhere: Docker's tools and browsers. */
const FOREIGN: ReadonlySet<string> = new Set(['https', 'http', 'docker']);

/** A host with a dot or a port, or `localhost`, and what may come behind it: no sign that credentials need. */
const HOST_LIKE =
  /^(?:localhost|[a-z\d-]+(?:\.[a-z\d-]+)+|[a-z\d-]{2,}(?=:\d)|\[[\da-f:.]+\])(?::\d+)?(?:\/[\w.:/-]*)?$/i;

/**
 * Reads the name of a registry: a path, a `file:` URL, `oci://host[:port][/prefix]`, `vessl://organization`. An OCI registry
 * is spoken to by https, and by http on a loopback host, unless the scheme says it: `oci+http://`, `oci+https://`. What looks
 * like a host, and is no folder that is there, is refused: most likely its `oci://` is missing.
 *
 * @param where for messages: the option or variable that it stands in
 * @throws RunwrightError RW_REGISTRY_INVALID; the message never repeats the URL, which may hold a password
 */
export function parseRegistryUrl(
  text: string,
  where: string,
  environment: NodeJS.ProcessEnv = process.env,
): RegistryLocation {
  const refuse = (what: string, hint = HINT): RunwrightError =>
    new RunwrightError('RW_REGISTRY_INVALID', { where, what, hint });
  if (text === '') throw refuse('the registry is an empty string');
  const slip = /^(oci(?:\+https?)?)(?:\/\/|:\/(?!\/))/i.exec(text)?.[1]?.toLowerCase();
  if (slip !== undefined && !existsSync(text)) {
    throw refuse(`"${slip}" is not followed by "://"`, `${OCI_FORM}; for a folder write ./...`);
  }
  if (HOST_LIKE.test(text) && !/^(?:oci|vessl|file):/i.test(text) && !existsSync(text)) {
    throw refuse(
      `${text} looks like a host, and there is no such folder`,
      `Did you mean oci://${text.replace(/\/+$/, '')}? For a folder write ./${text}`,
    );
  }
  // One letter is a drive of Windows.
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'folder', url: text, directory: text };
  if (scheme === 'file') {
    try {
      return { kind: 'folder', url: text, directory: fileURLToPath(text) };
    } catch {
      // The cause would quote the URL.
      throw refuse('the file: URL does not name a folder of this machine');
    }
  }
  if (scheme !== 'vessl' && !Object.hasOwn(PROTOCOLS, scheme)) {
    // What stands before a ":" alone may be a name that a password comes behind.
    const said = text[scheme.length + 1] === '/' ? ` "${scheme}:"` : '';
    throw refuse(
      `there is no kind of registry with that scheme${said}`,
      FOREIGN.has(scheme) ? `${OCI_FORM} for an OCI registry (oci+http:// for one without TLS)` : HINT,
    );
  }
  const rest = text.slice(scheme.length + 1).replace(/^\/\//, '');
  if (rest.includes('@')) {
    throw refuse(
      'the URL holds credentials, or an "@" that belongs to a reference',
      'Leave them out: `runwright login` keeps them where the system does',
    );
  }
  if (/[?#\s]/.test(rest)) throw refuse('the URL has a query, a fragment or a space');
  const [host = '', ...components] = rest.replace(/\/+$/, '').split('/');
  if (scheme === 'vessl') {
    if (components.length > 0 || (host !== '' && !isNameComponent(host))) {
      throw refuse('vessl: is followed by one organization', 'Write vessl://acme');
    }
    const apiHost = apiHostOf(environment);
    if (apiHost === undefined)
      throw refuse(
        'VESSL_API_HOST is not an https URL without credentials and query',
        'Leave it unset for https://api.vessl.ai, or write https://...',
      );
    return { kind: 'vessl', url: `vessl://${host}`, organization: host === '' ? undefined : host, apiHost };
  }
  const bad = components.find((component) => !isNameComponent(component));
  if (bad !== undefined) {
    const what = `${JSON.stringify(bad)} is no component of an OCI name (lower-case letters and digits, joined by single ".", "_" or "-")`;
    throw refuse(what, OCI_FORM);
  }
  const origin = originOf(host, PROTOCOLS[scheme]);
  if (origin === undefined) throw refuse('the URL names no host that there can be', OCI_FORM);
  const prefix = components.join('/');
  const written = host.toLowerCase();
  const url = `${scheme}://${[written, ...components].join('/')}`;
  return { kind: 'oci', url, origin, host: written, prefix };
}

/** https, but for loopback hosts. */
function apiHostOf(environment: NodeJS.ProcessEnv): URL | undefined {
  const named = environment['VESSL_API_HOST'] || VESSL_API_HOST;
  if (!URL.canParse(named)) return undefined;
  const url = new URL(named);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
    ? url
    : undefined;
}

function originOf(host: string, said: 'http' | 'https' | undefined): URL | undefined {
  // Anything else would be a part of another URL, such as a path behind a backslash.
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(host)) return undefined;
  const name = HUB_HOSTS.has(host.toLowerCase()) ? HUB : host;
  if (!URL.canParse(`https://${name}/`)) return undefined;
  // Nobody else listens on a loopback host, so TLS would prove nothing there.
  const protocol = said ?? (isLoopback(new URL(`https://${name}/`).hostname) ? 'http' : 'https');
  return new URL(`${protocol}://${name}/`);
}
