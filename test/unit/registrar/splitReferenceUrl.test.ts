import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReference } from '../../../src/artifact/Reference';
import { parseTarget } from '../../../src/cli/Target';
import { isRegistryUrl, splitReferenceUrl } from '../../../src/registrar/splitReferenceUrl';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('splitReferenceUrl', () => {
  it.each([
    ['oci://ghcr.io/acme/iris', 'oci://ghcr.io', 'acme/iris'],
    ['oci://ghcr.io/models/acme/iris:3', 'oci://ghcr.io/models', 'acme/iris:3'],
    ['oci://localhost:5000/a/b/acme/iris:stable', 'oci://localhost:5000/a/b', 'acme/iris:stable'],
    [`oci://[::1]:5000/acme/iris@${DIGEST}`, 'oci://[::1]:5000', `acme/iris@${DIGEST}`],
    ['oci+https://localhost/acme/iris', 'oci+https://localhost', 'acme/iris'],
    [`oci+http://host/acme/iris:3@${DIGEST}`, 'oci+http://host', `acme/iris:3@${DIGEST}`],
    ['vessl://acme/iris:3', 'vessl://acme', 'acme/iris:3'],
    ['OCI://ghcr.io/acme/iris', 'OCI://ghcr.io', 'acme/iris'],
  ])('%s is in %s', (url, registry, reference) => {
    expect(isRegistryUrl(url)).toBe(true);
    expect(splitReferenceUrl(url)).toEqual({ registry, reference });
  });

  it.each(['iris', 'acme/iris:3', `iris@${DIGEST}`, 'oci/iris', 'vessl', './oci', ''])(
    '%j is none',
    (text) => {
      expect(isRegistryUrl(text)).toBe(false);
      expect(splitReferenceUrl(text)).toEqual({ registry: undefined, reference: text });
    },
  );

  it.each([
    'oci:',
    'oci://ghcr.io',
    'oci://ghcr.io/iris',
    'vessl://acme',
    'vessl://acme/a/iris',
    'vessl:iris',
    'oci://ghcr.io/acme/iris@latest',
    `oci://ghcr.io/acme/iris@${DIGEST}@${DIGEST}`,
  ])('refuses %s', (url) => {
    expect(() => splitReferenceUrl(url)).toThrow(expect.objectContaining({ code: 'RW_REFERENCE_INVALID' }));
  });

  it('shows no password of any other URL', () => {
    const scheme = fc.stringMatching(/^[A-Za-z][A-Za-z0-9+.-]{0,10}:\/\/$/);
    const rest = fc.stringMatching(/^[A-Za-z0-9:/@._-]{0,10}hunter22[A-Za-z0-9:/@._-]{0,10}$/);
    const known = fc.constantFrom('https://', 'docker://', 'file://', 'HTTP://');
    fc.assert(
      fc.property(fc.oneof(known, scheme), rest, (start, secret) => {
        fc.pre(!isRegistryUrl(start));
        for (const parse of [splitReferenceUrl, parseReference, parseTarget]) {
          let error: unknown;
          try {
            parse(`${start}me:${secret}@h/acme/iris.pt`);
          } catch (thrown) {
            error = thrown;
          }
          expect(error).toMatchObject({ code: 'RW_REFERENCE_INVALID' });
          expect(inspect(error, { showHidden: true })).not.toContain('hunter22');
        }
      }),
    );
  });

  it('shows no password', () => {
    const password = fc.stringMatching(
      /^[A-Za-z0-9:/?#[\]!$&*+,;=._~%-]{0,10}Zq7Zq7[A-Za-z0-9:/?#[\]!$&*+,;=._~%-]{0,10}$/,
    );
    const scheme = fc.constantFrom('oci://', 'oci+http://', 'vessl://', 'oci:');
    fc.assert(
      fc.property(scheme, password, fc.constantFrom('', `@${DIGEST}`, ':3'), (start, secret, end) => {
        try {
          splitReferenceUrl(`${start}me:${secret}@ghcr.io/acme/iris${end}`);
        } catch (error) {
          expect(inspect(error)).not.toContain('Zq7Zq7');
          return;
        }
        throw new Error('it was taken');
      }),
    );
  });
});
