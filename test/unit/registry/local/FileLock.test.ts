import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileLock } from '../../../../src/registry/local/FileLock';
import { newOwnerId } from '../../../../src/artifact/ownerId';
import { deadOwner } from '../../artifact/deadOwner';

const hasProc = existsSync('/proc/self/stat');

describe('FileLock', () => {
  let folder = '';
  let path = '';
  let candidates = 0;
  const acquire = (options = {}) => {
    candidates += 1;
    return FileLock.acquire(path, join(folder, `candidate-${candidates}`), options);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-lock-'));
    path = join(folder, '.lock');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('lets one in at a time, and leaves nothing behind', async () => {
    let inside = 0;
    let entered = 0;
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        const lock = await acquire();
        inside += 1;
        entered += 1;
        expect(inside).toBe(1);
        await new Promise((done) => setTimeout(done, 2));
        await lock.assertHeld();
        inside -= 1;
        await lock.release();
      }),
    );
    expect(entered).toBe(12);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('waits for a holder that lives, for so long and no longer, and names it', async () => {
    const lock = await acquire();
    utimesSync(path, 1, 1); // However old its lock is.
    const waiting = acquire({ waitTime: 60, staleTime: hasProc ? 1 : 1e15 });
    await expect(waiting).rejects.toMatchObject({
      code: 'RW_REGISTRY_LOCKED',
      where: path,
      what: expect.stringContaining(`process ${process.pid} on `),
    });
    await lock.assertHeld();
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('replaces a holder that has died, at once', async () => {
    writeFileSync(path, `${deadOwner()}\nhere\n`);
    const lock = await acquire({ waitTime: 0, staleTime: 1e15 });
    await lock.assertHeld();
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(hasProc)('sees through a process id that was given again', async () => {
    const [machine, pid, , random] = newOwnerId().split('-');
    writeFileSync(path, `${machine}-${pid}-1-${random}\nhere\n`);
    await (await acquire({ waitTime: 0, staleTime: 1e15 })).release();
  });

  it.each([
    ['of another machine', () => newOwnerId().replace(/^\w+/, '0123456789ab')],
    ['that cannot be read', () => ''],
  ])('takes a holder %s for dead only when its lock is old', async (_name, owner) => {
    writeFileSync(path, owner());
    await expect(acquire({ waitTime: 30 })).rejects.toMatchObject({ code: 'RW_REGISTRY_LOCKED' });
    utimesSync(path, Date.now() / 1000 - 61, Date.now() / 1000 - 61);
    await (await acquire({ waitTime: 0 })).release();
  });

  it('lets one in at a time when holder after holder dies', async () => {
    const dead = deadOwner();
    let deaths = 0;
    let inside = 0;
    const die = () => {
      deaths += 1;
      writeFileSync(join(folder, 'dead'), `${dead}\n${deaths}\n`);
      renameSync(join(folder, 'dead'), path);
    };
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let round = 0; round < 25; round += 1) {
          const lock = await acquire({ staleTime: 1e15 });
          inside += 1;
          expect(inside).toBe(1);
          await lock.assertHeld();
          expect(inside).toBe(1);
          inside -= 1;
          die();
        }
      }),
    );
    expect(deaths).toBe(200);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('leaves a dead holder to the one that is replacing it', async () => {
    const content = `${deadOwner()}\nhere\n`;
    const guard = `${path}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
    writeFileSync(path, content);
    writeFileSync(guard, `${newOwnerId()}\nhere\n`);
    await expect(acquire({ waitTime: 50 })).rejects.toMatchObject({ code: 'RW_REGISTRY_LOCKED' });
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(existsSync(guard)).toBe(true);
  });

  it('gets past one that died while it replaced a dead holder', async () => {
    const content = `${deadOwner()}\nhere\n`;
    const guard = `${path}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
    writeFileSync(path, content);
    writeFileSync(guard, `${deadOwner()}\nhere\n`);
    const lock = await acquire({ waitTime: 0, staleTime: 1e15 });
    await lock.assertHeld();
    expect(existsSync(guard)).toBe(false);
  });

  it('does not touch the lock of somebody who took it over', async () => {
    const lock = await acquire();
    writeFileSync(path, 'somebody else');
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'RW_REGISTRY_LOCKED' });
    await lock.release();
    expect(readFileSync(path, 'utf8')).toBe('somebody else');
  });

  it('says what is wrong when the lock cannot be made', async () => {
    const missing = join(folder, 'none', '.lock');
    await expect(FileLock.acquire(missing, join(folder, 'candidate'))).rejects.toMatchObject({
      code: 'RW_IO',
      where: missing,
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
