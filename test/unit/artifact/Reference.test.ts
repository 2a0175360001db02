import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference, parseReference } from '../../../src/artifact/Reference';
import { RunwrightError } from '../../../src/errors/RunwrightError';

const hex = 'a'.repeat(64);
const component = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}$/);

describe('parseReference', () => {
  it('reads every form', () => {
    const none = { organization: undefined, number: undefined, alias: undefined, digest: undefined };
    expect(parseReference('iris')).toEqual({ ...none, repository: 'iris' });
    expect(parseReference('acme/iris:3')).toEqual({
      ...none,
      organization: 'acme',
      repository: 'iris',
      number: 3,
    });
    expect(parseReference('iris:stable')).toEqual({ ...none, repository: 'iris', alias: 'stable' });
    expect(parseReference(`iris@sha256:${hex}`)).toEqual({
      ...none,
      repository: 'iris',
      digest: `sha256:${hex}`,
    });
    expect(parseReference(`a/b:2@sha256:${hex}`)).toMatchObject({ number: 2, digest: `sha256:${hex}` });
  });

  it.each([
    '',
    '/',
    'a/',
    'a/b/c',
    'Iris',
    'iris:',
    'iris:0',
    'iris:03',
    'iris:1:2',
    'iris@',
    'iris@sha256:ab',
    'iris:-x',
    '-iris',
    'a..b',
    'iris:99999999999999999',
    `iris@sha256:${hex}@x`,
    '../etc',
    'iris:a/b',
  ])('refuses %j and shows the form', (text) => {
    expect(() => parseReference(text)).toThrow(RunwrightError);
    expect(() => parseReference(text)).toThrow(/\[organization\/\]repository/);
  });

  it('repeats what it refuses, but nothing that may be a password', () => {
    const refusal = (text: string) => {
      try {
        return parseReference(text);
      } catch (error) {
        return error;
      }
    };
    expect(refusal('acme/Iris')).toMatchObject({ where: 'acme/Iris' });
    expect(refusal('')).toMatchObject({ where: 'reference' });
    for (const text of ['https://me:hunter22@h/iris', 'me:hunter22@h/acme/iris', 'x://hunter22']) {
      expect(refusal(text)).toMatchObject({ code: 'RW_REFERENCE_INVALID', where: 'reference' });
      expect(String(refusal(text))).not.toContain('hunter22');
    }
  });

  it('is the inverse of formatReference', () => {
    const tag = fc.oneof(
      fc.record({ number: fc.integer({ min: 1 }) }),
      fc.record({ alias: fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9._-]{0,20}$/) }),
      fc.constant({}),
    );
    const digest = fc.option(fc.constant(`sha256:${hex}` as const), { nil: undefined });
    fc.assert(
      fc.property(
        fc.option(component, { nil: undefined }),
        component,
        tag,
        digest,
        (organization, repository, t, d) => {
          const reference = {
            organization,
            repository,
            number: undefined,
            alias: undefined,
            digest: d,
            ...t,
          };
          expect(parseReference(formatReference(reference))).toEqual(reference);
        },
      ),
    );
  });
});
