import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSegment } from '../../../../src/registry/vessl/encodeSegment';

describe('encodeSegment', () => {
  it('lets letters, digits and -_.~ stand for themselves, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeSegment(text);
        expect(encoded).toMatch(/^(?:[\w.~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
    expect(encodeSegment("a!b'(c)*/d")).toBe('a%21b%27%28c%29%2A%2Fd');
  });
});
