import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newOwnerId, OWNER_ID } from '../../../src/artifact/ownerId';
import { removeLeftovers } from '../../../src/artifact/removeLeftovers';
import { deadOwner } from './deadOwner';

const FORM = new RegExp(`^work-(${OWNER_ID})$`);
const HOUR = 60 * 60 * 1000;

describe('removeLeftovers', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-left-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const leave = (name: string): string => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'file'), 'x', { mode: 0o444 });
    return name;
  };
  const foreign = () => newOwnerId().replace(/^\w+/, '0123456789ab');

  it('removes what the dead left, read-only files too, and nothing else', async () => {
    leave(`work-${deadOwner()}`);
    const kept = [
      leave(`work-${newOwnerId()}`),
      leave(`work-${foreign()}`),
      leave(`work-${deadOwner()}-more`),
      leave(`my work-${deadOwner()}`),
      leave('work-'),
    ];
    const file = `work-${deadOwner()}`;
    writeFileSync(join(folder, file), 'no folder');
    await removeLeftovers(folder, FORM);
    expect(readdirSync(folder).sort()).toEqual([...kept, file].sort());
  });

  it('removes what is of an unknown fate when it is old, if it is told how old', async () => {
    const old = leave(`work-${foreign()}`);
    const mine = leave(`work-${newOwnerId()}`);
    const young = leave(`work-${foreign()}`);
    const before = (Date.now() - 2 * HOUR) / 1000;
    for (const name of [old, mine]) utimesSync(join(folder, name), before, before);
    await removeLeftovers(folder, FORM);
    expect(readdirSync(folder)).toHaveLength(3);
    await removeLeftovers(folder, FORM, HOUR);
    expect(readdirSync(folder).sort()).toEqual([mine, young].sort());
  });

  const isRoot = process.getuid?.() === 0;
  it.skipIf(!isRoot)(
    `leaves another user's folders alone${isRoot ? '' : ' (skipped: only root can make one)'}`,
    async () => {
      const name = leave(`work-${deadOwner()}`);
      chownSync(join(folder, name), 65534, 65534);
      await removeLeftovers(folder, FORM);
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  it('does not mind that there is no such folder', async () => {
    await expect(removeLeftovers(join(folder, 'none'), FORM)).resolves.toBeUndefined();
  });
});
