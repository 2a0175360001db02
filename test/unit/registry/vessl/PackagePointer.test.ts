import { describe, expect, it } from 'vitest';
import {
  formatPointer,
  parsePointer,
  type PackagePointer,
} from '../../../../src/registry/vessl/PackagePointer';

const digest = `sha256:${'1'.repeat(64)}` as const;
const pointer: PackagePointer = {
  formatVersion: 1,
  digest,
  registeredAt: '2026-01-02T03:04:05.678Z',
  blobs: { [digest]: 'vessl.runwright/1' },
  history: [{ digest, supersededAt: '2026-01-02T03:04:05.678Z' }],
  aliases: { stable: '2026-01-02T03:04:05.678Z' },
};

describe('the pointer', () => {
  it('is read as it was written', () => {
    expect(parsePointer(formatPointer(pointer), 'acme/iris:1')).toEqual(pointer);
  });

  it.each([
    'x',
    '[]',
    '{}',
    ...[
      { digest: 'sha256:1' },
      { registeredAt: 1 },
      { blobs: { a: 1 } },
      { blobs: {} },
      { history: [{}] },
      { aliases: [] },
    ].map((change) => JSON.stringify({ ...pointer, ...change })),
  ])('is refused when it is damaged: %s', (text) => {
    expect(() => parsePointer(Buffer.from(text), 'acme/iris:1')).toThrow(
      expect.objectContaining({ code: 'RW_PACKAGE_CORRUPT', where: 'acme/iris:1, vessl.runwright.json' }),
    );
  });

  it('is refused when it comes from a newer Runwright', () => {
    const newer = Buffer.from(JSON.stringify({ formatVersion: 2 }));
    expect(() => parsePointer(newer, 'acme/iris:1')).toThrow(
      expect.objectContaining({ code: 'RW_REGISTRY_FORMAT' }),
    );
  });
});
