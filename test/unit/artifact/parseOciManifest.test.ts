import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/artifact/digestOf';
import { MEDIA_TYPES } from '../../../src/artifact/mediaTypes';
import { MAX_MANIFEST_SIZE, parseOciManifest } from '../../../src/artifact/parseOciManifest';

const descriptor = { mediaType: 'a/b', digest: digestOf(Buffer.from('x')), size: 1 };
const manifest = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.manifest,
  artifactType: MEDIA_TYPES.modelManifest,
  config: descriptor,
  layers: [descriptor],
};
const parse = (value: unknown) => parseOciManifest(Buffer.from(JSON.stringify(value)), 'acme/iris:1');

describe('parseOciManifest', () => {
  it('gives the manifest with what it does not know', () => {
    expect(parse({ ...manifest, subject: descriptor })).toEqual({ ...manifest, subject: descriptor });
  });

  it.each([
    ['another media type', { ...manifest, mediaType: MEDIA_TYPES.index }, 'not an OCI image manifest'],
    ['no artifact type', { ...manifest, artifactType: undefined }, '`artifactType`'],
    ['a config that is none', { ...manifest, config: { ...descriptor, digest: 'sha256:0' } }, '`config`'],
    ['layers that are none', { ...manifest, layers: {} }, '`layers`'],
    ['a layer that is none', { ...manifest, layers: [descriptor, null] }, 'layers[1]'],
  ])('refuses %s', (_name, value, what) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({
        code: 'RW_PACKAGE_INVALID',
        where: 'acme/iris:1',
        what: expect.stringContaining(what),
      }),
    );
  });

  it('refuses what is no JSON, and what registries find too large', () => {
    expect(() => parseOciManifest(Buffer.from('nope'), 'x')).toThrow('not JSON');
    expect(() => parseOciManifest(Buffer.alloc(MAX_MANIFEST_SIZE + 1), 'x')).toThrow('4194305 bytes');
  });
});
