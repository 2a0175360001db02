import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { cacheDirectory } from '../../../src/artifact/cacheDirectory';
import { LocalRegistry } from '../../../src/registry/local/LocalRegistry';
import { openRegistry } from '../../../src/registry/openRegistry';

describe('openRegistry', () => {
  const open = (url?: string, organization?: string, environment: NodeJS.ProcessEnv = {}) => {
    const registry = openRegistry(url, { organization, environment });
    return [registry.url, registry.defaultOrganization];
  };

  it('takes the option, then the variable, then the default', () => {
    const environment = { RUNWRIGHT_REGISTRY: '/srv/models', RUNWRIGHT_ORGANIZATION: 'acme' };
    expect(open('/tmp/x', 'me', environment)).toEqual([resolve('/tmp/x'), 'me']);
    expect(open(undefined, undefined, environment)).toEqual([resolve('/srv/models'), 'acme']);
    expect(open()).toEqual([join(homedir(), '.runwright', 'registry'), 'default']);
    expect(open(undefined, undefined, { RUNWRIGHT_REGISTRY: '', RUNWRIGHT_ORGANIZATION: '' })).toEqual(
      open(),
    );
  });

  it.each(['', 'home/me'])('asks for a folder when the home is "%s"', (home) => {
    vi.stubEnv('HOME', home);
    try {
      expect(() => open()).toThrow(
        expect.objectContaining({ code: 'RW_REGISTRY_INVALID', where: 'RUNWRIGHT_REGISTRY' }),
      );
      expect(() => cacheDirectory(undefined, {})).toThrow(
        expect.objectContaining({ code: 'RW_OPTION_INVALID', where: 'RUNWRIGHT_CACHE' }),
      );
      expect(open('/srv/models')[0]).toBe(resolve('/srv/models'));
      expect(cacheDirectory(undefined, { RUNWRIGHT_CACHE: '/srv/cache' })).toBe(resolve('/srv/cache'));
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('takes paths and file: URLs', () => {
    expect(open('models')).toEqual([resolve('models'), 'default']);
    expect(open(pathToFileURL('/srv/my models').href)).toEqual([resolve('/srv/my models'), 'default']);
    expect(open(undefined, undefined, { RUNWRIGHT_REGISTRY: 'file:///srv/models' })[0]).toBe(
      resolve('/srv/models'),
    );
  });

  it('gives a registry back', () => {
    const registry = new LocalRegistry({ directory: '/srv/models' });
    expect(openRegistry(registry)).toBe(registry);
  });

  it('takes the URLs of registries over the network, and loads no driver for them', () => {
    expect(open('oci://GHCR.io/acme/')).toEqual(['oci://ghcr.io/acme', 'default']);
    expect(open('vessl://acme')).toEqual(['vessl://acme', 'acme']);
    expect(open('vessl://acme', 'other')).toEqual(['vessl://acme', 'other']);
    const environment = { VESSL_DEFAULT_ORGANIZATION: 'acme', RUNWRIGHT_ORGANIZATION: 'ours' };
    expect(open('vessl:', undefined, environment)).toEqual(['vessl://', 'acme']);
    expect(open('vessl://other', undefined, environment)).toEqual(['vessl://other', 'other']);
    expect(open('oci://ghcr.io', undefined, environment)).toEqual(['oci://ghcr.io', 'ours']);
    expect(() => open('vessl:')).toThrow(
      expect.objectContaining({
        code: 'RW_REGISTRY_INVALID',
        hint: expect.stringContaining('VESSL_DEFAULT_ORGANIZATION'),
      }),
    );
    expect(() => open('vessl:', undefined, { VESSL_DEFAULT_ORGANIZATION: 'No!' })).toThrow(
      expect.objectContaining({ code: 'RW_OPTION_INVALID', where: 'VESSL_DEFAULT_ORGANIZATION' }),
    );
  });

  it.each(['https://user:secret@host/x', 'http://x', 's3://bucket'])(
    'refuses %s, says what is known, and repeats no password',
    (url) => {
      const where = 'registry';
      expect(() => open(url)).toThrow(
        expect.objectContaining({
          code: 'RW_REGISTRY_INVALID',
          where,
          what: expect.stringContaining(`"${url.split(':')[0]}:"`),
          hint: expect.stringContaining('oci://'),
          message: expect.not.stringContaining('secret'),
        }),
      );
    },
  );

  it('refuses an empty name, a URL of another machine, a bad organization', () => {
    expect(() => open('')).toThrow(expect.objectContaining({ code: 'RW_REGISTRY_INVALID' }));
    expect(() => open('file://other/x')).toThrow(expect.objectContaining({ code: 'RW_REGISTRY_INVALID' }));
    expect(() => open('/x', 'Not A Name')).toThrow(
      expect.objectContaining({ code: 'RW_OPTION_INVALID', where: 'organization' }),
    );
    expect(() => open('/x', undefined, { RUNWRIGHT_ORGANIZATION: 'A' })).toThrow(
      expect.objectContaining({ code: 'RW_OPTION_INVALID', where: 'RUNWRIGHT_ORGANIZATION' }),
    );
  });
});
