import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/artifact/digestOf';
import { EMPTY_IMAGE_INDEX, formatImageIndex, parseImageIndex } from '../../../src/artifact/imageIndex';
import { RunwrightError } from '../../../src/errors/RunwrightError';

const refuse = (what: string) => new RunwrightError('RW_PACKAGE_INVALID', { what, hint: 'Make it anew' });
const parse = (value: unknown) => parseImageIndex(Buffer.from(JSON.stringify(value)), refuse);
const digest = digestOf(Buffer.from('x'));
const descriptor = { mediaType: 'a/b', digest, size: 1 };

describe('parseImageIndex', () => {
  it('reads back what formatImageIndex writes, to the byte', () => {
    const index = {
      ...EMPTY_IMAGE_INDEX,
      manifests: [{ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': '1' } }],
    };
    const bytes = formatImageIndex(index);
    expect(parseImageIndex(bytes, refuse)).toEqual(index);
    expect(formatImageIndex(parseImageIndex(bytes, refuse)).equals(bytes)).toBe(true);
  });

  it('keeps members that it does not know, as other tools write them', () => {
    const foreign = {
      schemaVersion: 2,
      manifests: [{ ...descriptor, platform: { os: 'linux' } }],
      subject: descriptor,
    };
    expect(parse(foreign)).toMatchObject(foreign);
  });

  it.each([
    ['no JSON', '{', 'not JSON'],
    ['an array', '[]', 'schema version 2'],
    ['another version', '{"schemaVersion":1,"manifests":[]}', 'schema version 2'],
    ['no manifests', '{"schemaVersion":2}', '`manifests`'],
    [
      'a bad digest',
      JSON.stringify({ schemaVersion: 2, manifests: [descriptor, { ...descriptor, digest: '../x' }] }),
      'manifests[1]',
    ],
    [
      'a bad size',
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, size: -1 }] }),
      'manifests[0]',
    ],
    [
      'a bad annotation',
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, annotations: { a: 1 } }] }),
      'manifests[0]',
    ],
  ])('refuses %s', (_name, text, what) => {
    expect(() => parseImageIndex(Buffer.from(text), refuse)).toThrow(what);
  });
});
