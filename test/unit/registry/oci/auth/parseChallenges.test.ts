import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../../../src/registry/oci/auth/parseChallenges';

const parsed = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('parseChallenges', () => {
  it('reads what registries send', () => {
    expect(
      parsed(
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      ),
    ).toEqual([
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ]);
    expect(parsed('Basic realm="Registry Realm"')).toEqual([['basic', { realm: 'Registry Realm' }]]);
  });

  it('reads several in one header, and any way to write them', () => {
    expect(
      parsed('BASIC Realm = "a, b" , bearer realm=https://acme.com/t ,service="say \\"hi\\"", Negotiate'),
    ).toEqual([
      ['basic', { realm: 'a, b' }],
      ['bearer', { realm: 'https://acme.com/t', service: 'say "hi"' }],
      ['negotiate', {}],
    ]);
    expect(parsed('Negotiate YWJj==, Basic realm="x"').at(-1)).toEqual(['basic', { realm: 'x' }]);
  });

  it('leaves out what cannot be understood', () => {
    for (const header of ['', ' , ,', '="a"', '"', 'realm="a"']) expect(parsed(header)).toEqual([]);
    expect(parsed('Bearer realm="a",service="never ends')).toEqual([['bearer', { realm: 'a' }]]);
  });

  it('ends soon on anything', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z=", \\]{0,300}$/), (header) => {
        expect(Array.isArray(parseChallenges(header))).toBe(true);
      }),
    );
    const start = performance.now();
    for (const part of ['a="', 'a=', ',', ' ', 'a ', '\\"', 'a="\\']) parseChallenges(part.repeat(20_000));
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('gives back what was written', () => {
    const value = fc.string().map((text) => text.replace(/[\r\n]/g, ''));
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const challenge = fc.record({
      scheme: name,
      parameters: fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(challenge), (challenges) => {
        const header = challenges
          .map(
            ({ scheme, parameters }) =>
              `${scheme} ${parameters.map(([key, text]) => `${key}="${text.replace(/["\\]/g, '\\$&')}"`).join(',')}`,
          )
          .join(', ');
        expect(parsed(header)).toEqual(
          challenges.map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]),
        );
      }),
    );
  });
});
