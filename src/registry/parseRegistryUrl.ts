import { fileURLToPath } from 'node:url';
import { isNameComponent } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';
import type { RegistryLocation } from './RegistryLocation';

const VESSL_API_HOST = 'https://api.vessl.ai';

const HINT =
  'Name a folder (/srv/models, file:///srv/models), an OCI registry (oci://ghcr.io/acme), or an organization of VESSL (vessl://acme)';

/**
 * Reads the name of a registry: a path, a `file:` URL, `oci://host[:port][/prefix]`, `vessl://organization`. An OCI registry
 * is spoken to by https; by http on a loopback host, and where the scheme says so: `oci+http://`.
 *
 * @param where for messages: the option or variable that it stands in
 * @throws RunwrightError RW_REGISTRY_INVALID; the message never repeats the URL, which may hold a password
 */
export function parseRegistryUrl(
  text: string,
  where: string,
  environment: NodeJS.ProcessEnv = process.env,
): RegistryLocation {
  const refuse = (what: string, hint = HINT, cause?: unknown): RunwrightError =>
    new RunwrightError('RW_REGISTRY_INVALID', { where, what, hint, cause });
  if (text === '') throw refuse('the registry is an empty string');
  // One letter is a drive of Windows.
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'folder', url: text, directory: text };
  if (scheme === 'file') {
    try {
      return { kind: 'folder', url: text, directory: fileURLToPath(text) };
    } catch (error) {
      throw refuse('the file: URL does not name a folder of this machine', HINT, error);
    }
  }
  if (scheme !== 'oci' && scheme !== 'oci+http' && scheme !== 'vessl') {
    throw refuse(`there is no kind of registry with the scheme "${scheme}:"`);
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
        'VESSL_API_HOST is not an https URL',
        'Leave it unset for https://api.vessl.ai, or write https://...',
      );
    return { kind: 'vessl', url: `vessl://${host}`, organization: host === '' ? undefined : host, apiHost };
  }
  const bad = components.find((component) => !isNameComponent(component));
  if (bad !== undefined) {
    const what = `${JSON.stringify(bad)} is no component of an OCI name (lower-case letters and digits, joined by single ".", "_" or "-")`;
    throw refuse(what, 'Write oci://host[:port][/prefix]');
  }
  const plain = scheme === 'oci+http' || isLoopback(host);
  const origin = originOf(plain ? 'http' : 'https', host);
  if (origin === undefined) throw refuse('the URL names no host', 'Write oci://host[:port][/prefix]');
  const prefix = components.join('/');
  return { kind: 'oci', url: `${scheme}://${host}${prefix === '' ? '' : `/${prefix}`}`, origin, prefix };
}

/** https, but for loopback hosts. */
function apiHostOf(environment: NodeJS.ProcessEnv): URL | undefined {
  const named = environment['VESSL_API_HOST'] || VESSL_API_HOST;
  if (!URL.canParse(named)) return undefined;
  const url = new URL(named);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host)) ? url : undefined;
}

function originOf(protocol: 'http' | 'https', host: string): URL | undefined {
  if (host === '' || !URL.canParse(`${protocol}://${host}/`)) return undefined;
  return new URL(`${protocol}://${host}/`);
}

/** Nobody else listens there, so TLS would prove nothing. */
function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(name)
  );
}
