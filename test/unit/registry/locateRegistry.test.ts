import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locateRegistry } from '../../../src/registry/locateRegistry';

describe('locateRegistry', () => {
  const environment = { RUNWRIGHT_REGISTRY: 'oci://ghcr.io/acme' };

  it('says which registry is meant, and what said so', () => {
    expect(locateRegistry('/srv/models', environment)).toMatchObject({
      location: { kind: 'folder', directory: '/srv/models' },
      reason: 'option',
    });
    expect(locateRegistry(undefined, environment)).toMatchObject({
      location: { kind: 'oci', prefix: 'acme' },
      reason: 'RUNWRIGHT_REGISTRY',
    });
    expect(locateRegistry(undefined, {})).toMatchObject({
      location: { directory: join(homedir(), '.runwright', 'registry') },
      reason: 'default',
    });
  });

  it('names the one that cannot be used', () => {
    expect(() => locateRegistry('oci:', environment)).toThrow(expect.objectContaining({ where: 'registry' }));
    expect(() => locateRegistry(undefined, { RUNWRIGHT_REGISTRY: 'oci:' })).toThrow(
      expect.objectContaining({ where: 'RUNWRIGHT_REGISTRY' }),
    );
  });
});
