import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRegistryUrl } from '../../../src/registry/parseRegistryUrl';

const parse = (text: string, environment: NodeJS.ProcessEnv = {}) =>
  parseRegistryUrl(text, 'registry', environment);

/** The error that a URL is refused with, with all that `--verbose` would show of it. */
function refusalOf(text: string, environment?: NodeJS.ProcessEnv): string {
  try {
    parse(text, environment);
  } catch (error) {
    expect(error).toMatchObject({ code: 'RW_REGISTRY_INVALID', where: 'registry' });
    return inspect(error);
  }
  throw new Error(`${text} was taken`);
}

describe('parseRegistryUrl', () => {
  it.each([
    ['oci://ghcr.io', 'https://ghcr.io/', ''],
    ['oci://ghcr.io/acme', 'https://ghcr.io/', 'acme'],
    ['OCI://ghcr.io/acme/models/', 'https://ghcr.io/', 'acme/models'],
    ['oci://registry.acme.com:5000/a.b/c_d', 'https://registry.acme.com:5000/', 'a.b/c_d'],
    ['oci://localhost:5000/acme', 'http://localhost:5000/', 'acme'],
    ['oci://127.0.0.1:5000', 'http://127.0.0.1:5000/', ''],
    ['oci://[::1]:5000/acme', 'http://[::1]:5000/', 'acme'],
    ['oci+http://registry.acme.com/acme', 'http://registry.acme.com/', 'acme'],
    ['oci+https://127.0.0.1:5000', 'https://127.0.0.1:5000/', ''],
    ['oci://docker.io', 'https://registry-1.docker.io/', ''],
    ['oci://127.0.0.1.acme.com', 'https://127.0.0.1.acme.com/', ''],
    ['oci://localhost.acme.com', 'https://localhost.acme.com/', ''],
    ['oci://acme.localhost', 'https://acme.localhost/', ''],
  ])('%s is spoken to at %s', (url, origin, prefix) => {
    const location = parse(url);
    expect(location).toMatchObject({
      kind: 'oci',
      prefix,
      url: url.replace(/^OCI/, 'oci').replace(/\/$/, ''),
    });
    expect(location.kind === 'oci' && location.origin.href).toBe(origin);
  });

  it('keeps the host as it is written, for credentials', () => {
    for (const host of ['ghcr.io:443', 'ghcr.io', 'docker.io', '[::1]:80']) {
      expect(parse(`oci://${host.toUpperCase()}/acme`)).toMatchObject({ host });
    }
  });

  it('takes an organization of VESSL, and another host of it', () => {
    expect(parse('vessl://acme')).toEqual({
      kind: 'vessl',
      url: 'vessl://acme',
      organization: 'acme',
      apiHost: new URL('https://api.vessl.ai'),
    });
    expect(parse('vessl:')).toMatchObject({ organization: undefined });
    for (const host of ['https://vessl.acme.com/base', 'http://127.0.0.1:8080']) {
      expect(parse('vessl://acme', { VESSL_API_HOST: host })).toMatchObject({ apiHost: new URL(host) });
    }
    for (const host of [
      'http://vessl.acme.com',
      'vessl',
      'ftp://x',
      'https://me:secret@x',
      'https://x/?key=secret',
    ]) {
      expect(refusalOf('vessl://acme', { VESSL_API_HOST: host })).not.toContain('secret');
    }
  });

  it('takes everything else without a scheme for a path', () => {
    for (const path of ['models', './models', '/srv/models', '../x', 'C:\\models', 'me@host/x', ' ']) {
      expect(parse(path)).toEqual({ kind: 'folder', url: path, directory: path });
    }
  });

  it.each([
    'oci:',
    'oci://',
    'oci:///acme',
    'oci://host/Acme',
    'oci://host//acme',
    'oci://host/a..b',
    'oci://host/../acme',
    'oci://host:port/acme',
    'oci://host:99999',
    'oci://host\\evil',
    'oci://host%2fevil',
    'oci://host?x=1',
    'oci://host/acme#x',
    'oci://host/acme iris',
    'oci://host/acme/iris:3',
    'vessl://acme/iris',
    'vessl://Acme',
    'vessl://acme:80',
    'oci+ftp://host',
    'constructor://host',
    'https://ghcr.io/acme',
    'file://other/srv/models',
  ])('refuses %s', (url) => {
    expect(refusalOf(url)).toContain('RW_REGISTRY_INVALID');
  });

  it.each([
    ['ghcr.io/acme', 'oci://ghcr.io/acme'],
    ['127.0.0.1:25711', 'oci://127.0.0.1:25711'],
    ['localhost:5000/', 'oci://localhost:5000'],
    ['registry:5000/acme', 'oci://registry:5000/acme'],
    ['oci//ghcr.io/acme', 'oci://host'],
    ['oci:/ghcr.io', 'oci://host'],
    ['https://me:secret@ghcr.io/acme', 'oci://host'],
    ['docker://ghcr.io/acme', 'oci://host'],
  ])('asks whether %s lacks %s', (text, meant) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ hint: expect.stringContaining(meant) }));
    expect(refusalOf(text)).not.toContain('secret');
  });

  it('takes a folder with a dot that is there for a folder', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'runwright-'));
    const before = process.cwd();
    try {
      process.chdir(directory);
      await mkdir('models.v1');
      expect(parse('models.v1')).toMatchObject({ kind: 'folder' });
      expect(refusalOf('models.v2')).toContain('./models.v2');
      expect(parse('./models.v2')).toMatchObject({ kind: 'folder' });
    } finally {
      process.chdir(before);
      await rm(directory, { recursive: true });
    }
  });

  it('shows no credentials, wherever they stand and whatever they are', () => {
    const scheme = fc.constantFrom(
      'oci://',
      'oci:',
      'oci+http://',
      'vessl://',
      'vessl:',
      'file://',
      'https://',
      's3://',
      'ftp:',
      '',
    );
    // Nothing that our own sentences hold.
    const password = fc.stringMatching(
      /^[A-Za-z0-9!$&*+,;=._~%-]{0,10}Zq7Zq7[A-Za-z0-9!$&*+,;=._~%/:[\]-]{0,10}$/,
    );
    const rest = fc.constantFrom(
      'ghcr.io',
      'ghcr.io/acme',
      '127.0.0.1:5000/acme',
      '[bad',
      '',
      'host/acme/iris:3',
    );
    fc.assert(
      fc.property(scheme, password, rest, (start, secret, end) => {
        for (const text of [
          `${start}me:${secret}@${end}`,
          `${start}${secret}@${end}`,
          `me:${secret}@${end}`,
        ]) {
          // What has no scheme is a path, and paths are shown.
          let shown: string;
          try {
            const location = parse(text);
            if (location.kind === 'folder') continue;
            shown = inspect(location);
          } catch (error) {
            shown = inspect(error);
          }
          expect(shown).not.toContain('Zq7Zq7');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes what it shows for the same registry', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,3})?$/);
    const host = fc.constantFrom('ghcr.io', 'LOCALHOST:5000', '[::1]:80', '10.0.0.1:443', 'a.b.c');
    fc.assert(
      fc.property(
        fc.constantFrom('oci', 'oci+http'),
        host,
        fc.array(name, { maxLength: 3 }),
        (scheme, at, prefix) => {
          const location = parse(`${scheme}://${[at, ...prefix].join('/')}`);
          expect(parse(location.url)).toEqual(location);
          expect(location).toMatchObject({ prefix: prefix.join('/') });
        },
      ),
    );
  });
});
