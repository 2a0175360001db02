import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { saveValue } from '../../../../src/models/value/saveValue';
import { withFolder } from './withFolder';

const refusal = (value: unknown): Promise<RunwrightError> =>
  withFolder(async (directory) => {
    const error: unknown = await saveValue(value, directory).then(
      () => 'saved',
      (reason: unknown) => reason,
    );
    if (RunwrightError.is(error)) return error;
    throw new Error(`expected a RunwrightError, got ${String(error)}`);
  });

class Plain {
  weights = [1];
}
class HalfWay {
  toJSON(): unknown {
    return {};
  }
}
class OtherHalf {
  static fromJSON(): OtherHalf {
    return new OtherHalf();
  }
}
class Vector extends Float32Array {}
class Table extends Map {}
class Rows extends Array {}
const sparse: unknown[] = [1];
sparse[3] = 2;
const transferred = new Float32Array(2);
structuredClone(transferred.buffer, { transfer: [transferred.buffer] });

describe('saveValue refuses what it could not give back', () => {
  test.each<[string, unknown, string]>([
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['a class', Plain, 'a function'],
    ['a class instance', new Plain(), 'an instance of Plain'],
    [
      'an instance with toJSON alone',
      new HalfWay(),
      'an instance of HalfWay, which has toJSON but no static fromJSON',
    ],
    ['an instance with fromJSON alone', new OtherHalf(), 'an instance of OtherHalf'],
    ['a typed array of a class', new Vector(1), 'an instance of Vector'],
    ['a map of a class', new Table(), 'an instance of Table'],
    ['an array of a class', new Rows(), 'an instance of Rows'],
    ['an object on another object', Object.create({ inherited: 1 }), 'an instance of Object'],
    ['an object on a bare object', Object.create(Object.create(null) as object), 'an instance of'],
    ['a regular expression', /x/, 'an instance of RegExp'],
    ['an error', new Error('x'), 'an instance of Error'],
    ['a promise', Promise.resolve(1), 'an instance of Promise'],
    ['a weak map', new WeakMap(), 'an instance of WeakMap'],
    ['a URL', new URL('http://localhost'), 'an instance of URL'],
    ['a boxed number', new Number(1), 'an instance of Number'],
    ['shared memory', new SharedArrayBuffer(1), 'an instance of SharedArrayBuffer'],
    ['a proxy', new Proxy({}, {}), 'a Proxy'],
    [
      'a getter',
      {
        get x() {
          return 1;
        },
      },
      'a getter or setter',
    ],
    ['a hidden property', Object.defineProperty({}, 'x', { value: 1 }), 'a property that is not enumerable'],
    ['a symbol key', { [Symbol('s')]: 1 }, 'a symbol as a key'],
    ['a sparse array', sparse, 'an array with holes'],
    ['an array of a length alone', new Array(4_000_000_000), 'an array with holes'],
    ['an array with properties', Object.assign([1], { shape: 1 }), 'properties of its own'],
    ['an array with a hole and a property', Object.assign([1, , 2], { shape: 1 }), 'properties of its own'], // eslint-disable-line no-sparse-arrays
    ['a map with properties', Object.assign(new Map(), { shape: 1 }), 'a Map with properties of its own'],
    [
      'a typed array with properties',
      Object.assign(new Float32Array(4), { shape: [2, 2] }),
      'a Float32Array with properties',
    ],
    [
      'an empty one with properties',
      Object.assign(new Float32Array(0), { shape: [0] }),
      'a Float32Array with properties',
    ],
    [
      'a buffer with properties',
      Object.assign(Buffer.alloc(3), { shape: 1 }),
      'a Buffer with properties of its own',
    ],
    ['memory that is gone', transferred, 'whose memory was transferred away'],
  ])('%s', async (_, value, what) => {
    const error = await refusal({ layers: [{ weights: value }] });
    expect(error.code).toBe('RW_MODEL_NOT_SERIALIZABLE');
    expect(error.where).toMatch(/^layers\[0\]\.weights/);
    expect(error.what).toContain(what);
    expect(error.hint).not.toBe('');
  });

  test.each<[string, unknown, string]>([
    ['the value itself', /x/, '(root)'],
    ['a key that is no identifier', { 'a b': { 1: /x/ } }, '["a b"]["1"]'],
    ['a key of a map', new Map([[/x/, 1]]), 'entries()[0][0]'],
    ['a value of a map', { m: new Map([[1, /x/]]) }, 'm.entries()[0][1]'],
    ['an item of a set', [new Set([1, /x/])], '[0].values()[1]'],
  ])('and says where: %s', async (_, value, where) => {
    expect((await refusal(value)).where).toBe(where);
  });

  test('a long path is shortened', async () => {
    let value: unknown = /x/;
    for (let n = 0; n < 1000; n++) value = { next: value };
    const { where } = await refusal(value);
    expect(where?.length).toBeLessThan(210);
    expect(where).toMatch(/^next\.next.*….*\.next$/);
  });

  test('an instance is refused with both ways out', async () => {
    const { message } = await refusal({ forest: new Plain() });
    for (const part of ['forest', 'Plain', '@Save', '@Load', 'toJSON', 'fromJSON'])
      expect(message).toContain(part);
  });

  test('nothing is written for a value that is refused', async () => {
    await withFolder(async (directory) => {
      await expect(saveValue([new Float32Array(1), /x/], directory)).rejects.toThrow('RegExp');
      await saveValue(1, directory);
    });
  });
});

describe('saveValue', () => {
  test('never overwrites a file', async () => {
    await withFolder(async (directory) => {
      await writeFile(join(directory, 'model.json'), 'precious');
      await expect(saveValue(1, directory)).rejects.toMatchObject({
        code: 'RW_IO',
        where: join(directory, 'model.json'),
        what: expect.stringContaining('EEXIST') as string,
      });
    });
  });

  test('says which file of which folder could not be written', async () => {
    await withFolder(async (directory) => {
      const missing = join(directory, 'missing');
      await expect(saveValue(new Uint8Array(1), missing)).rejects.toMatchObject({
        code: 'RW_IO',
        where: join(missing, 'model.0.bin'),
        what: expect.stringContaining('ENOENT') as string,
      });
    });
  });

  test.skipIf(process.getuid?.() === 0)('reports a folder that is not writable', async () => {
    await withFolder(async (directory) => {
      await chmod(directory, 0o500);
      await expect(saveValue(1, directory)).rejects.toMatchObject({ code: 'RW_IO' });
    });
  });
});
