import { describe, expect, it } from 'vitest';
import { s3Location } from '../../../../src/registry/vessl/s3Location';
import { parseVolumeGrant } from '../../../../src/registry/vessl/VolumeGrant';

const GRANT = { provider: 's3', bucket: 'models', prefix: 'volumes/1', region: 'ap-northeast-2' };

describe('s3Location', () => {
  const at = (change: object, endpoint?: string) =>
    s3Location({ ...GRANT, ...change }, 'acme/iris:1', endpoint).href;

  it('is in path style behind an endpoint', () => {
    expect(at({ endpoint: 'https://minio.example:9000' })).toBe('https://minio.example:9000/models/');
    expect(at({ endpoint: 'https://minio.example/base/' })).toBe('https://minio.example/base/models/');
    expect(at({ endpoint: 'https://one.example' }, 'https://two.example')).toBe(
      'https://two.example/models/',
    );
  });

  it('is reached without TLS on this machine alone, or where the user says so', () => {
    expect(at({ endpoint: 'http://127.0.0.1:9000' })).toBe('http://127.0.0.1:9000/models/');
    expect(at({ endpoint: 'http://localhost:9000' })).toBe('http://localhost:9000/models/');
    expect(at({ endpoint: 'https://a.example' }, 'http://minio.lan:9000')).toBe(
      'http://minio.lan:9000/models/',
    );
    expect(() => at({ endpoint: 'http://minio.lan:9000' })).toThrow(
      expect.objectContaining({
        code: 'RW_REGISTRY_ANSWER',
        what: 'VESSL names an object store that is not reached over TLS: http://minio.lan:9000',
        hint: expect.stringContaining('VESSL_VOLUME_S3_API_ENDPOINT_URL') as unknown,
      }),
    );
  });

  it("is a host of Amazon's without one, where the bucket can be part of a host name", () => {
    expect(at({})).toBe('https://models.s3.ap-northeast-2.amazonaws.com/');
    expect(at({ bucket: 'a.b' })).toBe('https://s3.ap-northeast-2.amazonaws.com/a.b/');
    expect(at({ bucket: 'Models', region: '' })).toBe('https://s3.us-east-1.amazonaws.com/Models/');
  });

  it.each([{ endpoint: 'minio:9000' }, { endpoint: 'nonsense' }, { provider: 'gs' }])(
    'refuses %j',
    (change) => {
      expect(() => at(change)).toThrow(
        expect.objectContaining({ code: 'RW_REGISTRY_ANSWER', where: 'acme/iris:1' }),
      );
    },
  );
});

describe('parseVolumeGrant', () => {
  const s3 = {
    access_key_id: 'A',
    secret_access_key: 'S',
    session_token: 'T',
    expiration: '2026-01-02T03:04:05.123456789Z',
  };
  const answer = { ...GRANT, endpoint: null, token: { provider: 's3', s3 } };

  it.each([
    ['2026-01-02T03:04:05.123456789Z', 1767323045123],
    ['2026-01-02 12:04:05+09:00', 1767323045000],
    [null, Infinity],
  ])('reads the end of the keys: %s', (expiration, expires) => {
    const grant = parseVolumeGrant({ ...answer, token: { provider: 's3', s3: { ...s3, expiration } } });
    expect(grant).toMatchObject({
      bucket: 'models',
      endpoint: undefined,
      keys: { accessKeyId: 'A', expires },
    });
  });

  it.each([null, [], {}, { ...answer, bucket: '' }, { ...answer, token: null }])(
    'knows no other form: %j',
    (value) => {
      expect(parseVolumeGrant(value)).toBeUndefined();
    },
  );
});
