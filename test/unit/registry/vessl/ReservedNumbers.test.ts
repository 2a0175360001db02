import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReservedNumbers } from '../../../../src/registry/vessl/ReservedNumbers';

const IRIS = { organization: 'acme', repository: 'iris' };
const ONE = `sha256:${'1'.repeat(64)}` as const;
const TWO = `sha256:${'2'.repeat(64)}` as const;

describe('ReservedNumbers', () => {
  let home = '';
  let directory = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-reserved-'));
    directory = join(home, 'vessl', 'reserved');
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('gives a number that was released to the next one who asks for the same package, once', async () => {
    const reserved = await new ReservedNumbers(directory).remember(IRIS, ONE, 7);
    const others = new ReservedNumbers(directory);
    // Whose process lives may still be at it.
    expect(await others.claim(IRIS, ONE)).toBeUndefined();
    await reserved.release();
    expect(await others.claim(IRIS, TWO)).toBeUndefined();
    expect(await others.claim({ ...IRIS, repository: 'digits' }, ONE)).toBeUndefined();
    const claims = await Promise.all([1, 2, 3].map(() => new ReservedNumbers(directory).claim(IRIS, ONE)));
    expect(claims.filter((claim) => claim !== undefined).map(({ number }) => number)).toEqual([7]);
    await claims.find((claim) => claim !== undefined)?.forget();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('gives the number of a process that was killed', async () => {
    await new ReservedNumbers(directory).remember(IRIS, ONE, 7);
    const [file = ''] = readdirSync(directory);
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    renameSync(join(directory, file), join(directory, file.replace(`-${process.pid}-`, `-${pid}-`)));
    expect(await new ReservedNumbers(directory).claim(IRIS, ONE)).toMatchObject({ number: 7 });
  });

  it('leaves out a note that was cut off while it was written', async () => {
    await (await new ReservedNumbers(directory).remember(IRIS, ONE, 7)).release();
    const [file = ''] = readdirSync(directory);
    writeFileSync(join(directory, file), '');
    expect(await new ReservedNumbers(directory).claim(IRIS, ONE)).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('has none where nothing was remembered', async () => {
    expect(await new ReservedNumbers(directory).claim(IRIS, ONE)).toBeUndefined();
  });
});
