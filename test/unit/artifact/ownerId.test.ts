import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { livenessOf, newOwnerId, OWNER_ID, pidOf } from '../../../src/artifact/ownerId';
import { deadOwner } from './deadOwner';

const hasProc = existsSync('/proc/self/stat');

describe('ownerId', () => {
  it('tells the living from the dead', () => {
    const mine = newOwnerId();
    expect(pidOf(mine)).toBe(String(process.pid));
    expect(livenessOf(mine)).toBe(hasProc ? 'alive' : 'unknown');
    expect(livenessOf(deadOwner())).toBe('dead');
    expect(livenessOf(mine.replace(/^\w+/, '0123456789ab'))).toBe('unknown');
    expect(livenessOf('anything')).toBe('unknown');
    expect(newOwnerId()).not.toBe(mine);
  });

  it('has one form', () => {
    expect(newOwnerId()).toMatch(new RegExp(`^${OWNER_ID}$`));
    expect(deadOwner()).toMatch(new RegExp(`^${OWNER_ID}$`));
  });
});
