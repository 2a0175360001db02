import { describe, expect, it } from 'vitest';
import { numberEntry } from '../../../../src/registry/oci/numberEntry';
import type { NumberRecord } from '../../../../src/registry/oci/tagNames';
import { RESERVATION_DIGEST } from '../../../../src/registry/reserveNumber';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}` as const) as [
  `sha256:${string}`,
  `sha256:${string}`,
  `sha256:${string}`,
];
const name = { organization: 'acme', repository: 'iris' };
const at = (minute: number) => `2026-01-31T12:0${minute}:00.000Z`;
const records = (...digests: `sha256:${string}`[]): NumberRecord[] =>
  digests.map((digest, minute) => ({
    kind: 'record',
    number: 1,
    time: at(minute),
    digest,
    id: `0000000${minute}`,
  }));

describe('numberEntry', () => {
  it('has the packages before, the latest first', () => {
    expect(numberEntry(name, 1, C, records(A, B, C), ['stable', 'best'])).toEqual({
      ...name,
      number: 1,
      digest: C,
      servable: true,
      registeredAt: at(2),
      aliases: ['best', 'stable'],
      history: [
        { digest: B, supersededAt: at(2) },
        { digest: A, supersededAt: at(1) },
      ],
    });
  });

  it('has a package that came back in both places', () => {
    const { history, registeredAt } = numberEntry(name, 1, A, records(A, B, A), []);
    expect(registeredAt).toBe(at(2));
    expect(history).toEqual([
      { digest: B, supersededAt: at(2) },
      { digest: A, supersededAt: at(1) },
    ]);
  });

  it('counts the same package once more as nothing', () => {
    expect(numberEntry(name, 1, A, records(A, A), [])).toMatchObject({ registeredAt: at(0), history: [] });
  });

  it('leaves reservations out', () => {
    const reserved = numberEntry(name, 1, RESERVATION_DIGEST, records(RESERVATION_DIGEST), []);
    expect(reserved).toMatchObject({ digest: null, servable: false, registeredAt: null, history: [] });
    const registered = numberEntry(name, 1, A, records(RESERVATION_DIGEST, A), []);
    expect(registered).toMatchObject({ digest: A, registeredAt: at(1), history: [] });
  });

  it('follows the tag where registrations that ran at once left the records in another order', () => {
    const { history, registeredAt } = numberEntry(name, 1, B, records(A, B, C), []);
    expect(registeredAt).toBe(at(1));
    expect(history).toEqual([
      { digest: C, supersededAt: at(2) },
      { digest: A, supersededAt: at(2) },
    ]);
  });

  it('knows no time of what another tool has put there', () => {
    expect(numberEntry(name, 1, A, [], [])).toMatchObject({
      digest: A,
      servable: true,
      registeredAt: null,
      history: [],
    });
    const moved = numberEntry(name, 1, C, records(A, B), []);
    expect(moved.registeredAt).toBeNull();
    expect(moved.history.map(({ digest }) => digest)).toEqual([B, A]);
  });
});
