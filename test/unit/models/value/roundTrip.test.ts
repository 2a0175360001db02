import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadValue } from '../../../../src/models/value/loadValue';
import { saveValue } from '../../../../src/models/value/saveValue';
import { difference } from './sameGraph';
import { withFolder } from './withFolder';

const roundTrip = (value: unknown): Promise<unknown> =>
  withFolder(async (directory) => {
    await saveValue(value, directory);
    return loadValue(directory);
  });

const filesOf = (value: unknown): Promise<Record<string, string>> =>
  withFolder(async (directory) => {
    await saveValue(value, directory);
    const names = (await readdir(directory)).sort();
    const contents = await Promise.all(names.map((name) => readFile(join(directory, name), 'latin1')));
    return Object.fromEntries(names.map((name, index) => [name, contents[index] ?? '']));
  });

const anyValue = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withTypedArray: true,
  withObjectString: true,
  maxDepth: 4,
});

/** Containers that refer to each other at random: cycles, shared references, keys that are objects. */
const anyGraph = fc
  .array(
    fc.tuple(fc.constantFrom('object', 'array', 'map', 'set'), fc.array(fc.tuple(anyValue, fc.nat(20)))),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((specs) => {
    const nodes = specs.map(([kind]): unknown =>
      kind === 'object' ? {} : kind === 'array' ? [] : kind === 'map' ? new Map() : new Set(),
    );
    specs.forEach(([, members], index) => {
      const node = nodes[index];
      members.forEach(([value, target], at) => {
        const other = nodes[target % (nodes.length + 3)] ?? value;
        if (Array.isArray(node)) node.push(other);
        else if (node instanceof Map) node.set(other, value);
        else if (node instanceof Set) node.add(other);
        else (node as Record<string, unknown>)[`key ${at}`] = other;
      });
    });
    return nodes;
  });

describe('saveValue and loadValue', () => {
  test('give back any value that they take', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyValue, anyGraph), async (value) => {
        expect(difference(value, await roundTrip(value))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('write equal bytes for equal values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyValue, anyGraph), async (value) => {
        const once = await filesOf(value);
        expect(await filesOf(value)).toEqual(once);
        expect(await filesOf(await roundTrip(value))).toEqual(once);
      }),
      { numRuns: 100 },
    );
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['NaN', NaN],
    ['infinity', Infinity],
    ['minus infinity', -Infinity],
    ['minus zero', -0],
    ['the smallest number', Number.MIN_VALUE],
    ['a big integer', -(2n ** 200n)],
    ['an empty string', ''],
    ['half a surrogate pair', '\ud800'],
    ['text beyond ASCII', 'žluťoučký 🐎   '],
    ['undefined members', { a: undefined, b: [undefined] }],
    ['keys in an order of their own', { b: 1, a: 2, 10: 3, 9: 4 }],
    ['keys that look like tags', { ref: ['ref', 0], format: 'runwright-model', nodes: [['undefined']] }],
    ['strings that look like tags', ['ref', '0', ['bytes', 'Buffer', 0, 1], ['number', 'NaN']]],
    ['a key that is empty', { '': { '': 1 } }],
    ['a key toJSON', { toJSON: 1 }],
    ['a key __proto__', JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}')],
    ['a key __proto__ without prototype', Object.assign(Object.create(null) as object, { a: [] })],
    ['a date', new Date(1)],
    ['the last date', new Date(8.64e15)],
    ['a date before Christ', new Date(-1e14)],
    ['an invalid date', new Date(NaN)],
    [
      'a map with keys of all kinds',
      new Map<unknown, unknown>([
        [NaN, -0],
        [{}, []],
        [null, undefined],
        [1n, 'x'],
      ]),
    ],
    ['a set in an order of its own', new Set([3, 1, 2])],
    ['Int8Array', new Int8Array([-128, 127])],
    ['Uint8Array', new Uint8Array([0, 255])],
    ['Uint8ClampedArray', new Uint8ClampedArray([0, 255])],
    ['Int16Array', new Int16Array([-32768, 1])],
    ['Uint16Array', new Uint16Array([65535, 1])],
    ['Int32Array', new Int32Array([-(2 ** 31), 1])],
    ['Uint32Array', new Uint32Array([2 ** 32 - 1, 1])],
    ['Float32Array', new Float32Array([NaN, -0, Infinity, 0.1])],
    ['Float64Array', new Float64Array([NaN, -0, Infinity, 0.1])],
    ['BigInt64Array', new BigInt64Array([-(2n ** 63n), 1n])],
    ['BigUint64Array', new BigUint64Array([2n ** 64n - 1n, 1n])],
    ['Buffer', Buffer.from('bytes')],
    ['ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['DataView', new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
    ['empty ones', [new Float32Array(0), Buffer.alloc(0), new ArrayBuffer(0), new Map(), new Set(), [], {}]],
  ])('%s', async (_, value) => {
    expect(difference(value, await roundTrip(value))).toBeUndefined();
  });

  test('a shared reference stays shared, a cycle stays a cycle', async () => {
    const weights = new Float32Array([1, 2]);
    const model: Record<string, unknown> = { weights, again: weights, equal: new Float32Array([1, 2]) };
    model['self'] = model;
    const back = (await roundTrip(model)) as typeof model;
    expect(back['again']).toBe(back['weights']);
    expect(back['equal']).not.toBe(back['weights']);
    expect(back['self']).toBe(back);
  });

  test('a view keeps its own bytes, not the memory behind it', async () => {
    const memory = new Float32Array(1000).map((_, index) => index);
    const views = { head: memory.subarray(0, 2), tail: memory.subarray(998) };
    const files = await filesOf(views);
    expect([files['model.0.bin']?.length, files['model.1.bin']?.length]).toEqual([8, 8]);
    const back = (await roundTrip(views)) as typeof views;
    expect(back).toEqual(views);
    expect([back.tail.byteOffset, back.tail.buffer.byteLength]).toEqual([0, 8]);
  });

  test('shared memory is saved by its bytes', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    shared.set([1, 2]);
    expect(await roundTrip(shared)).toEqual(new Int32Array([1, 2]));
  });

  test('elements are little-endian in the file', async () => {
    const files = await filesOf([new Uint16Array([1]), new Float64Array([1]), new BigInt64Array([2n])]);
    expect(files['model.0.bin']).toBe('\x01\x00');
    expect(files['model.1.bin']).toBe('\x00\x00\x00\x00\x00\x00\xf0?');
    expect(files['model.2.bin']).toBe('\x02\x00\x00\x00\x00\x00\x00\x00');
  });

  test('values of another realm are recognised', async () => {
    const foreign: unknown = runInNewContext(
      '({ list: [1], map: new Map([[1, new Set([2])]]), at: new Date(5), weights: new Float32Array([3]), bytes: new ArrayBuffer(1) })',
    );
    const own = {
      list: [1],
      map: new Map([[1, new Set([2])]]),
      at: new Date(5),
      weights: new Float32Array([3]),
      bytes: new ArrayBuffer(1),
    };
    expect(difference(own, await roundTrip(foreign))).toBeUndefined();
  });

  test('a list of 100,000 links is not too deep', async () => {
    let list: { next?: unknown; n: number } = { n: 0 };
    for (let n = 1; n < 100_000; n++) list = { next: list, n };
    let at = (await roundTrip(list)) as { next?: typeof at; n: number };
    let links = 1;
    while (at.next !== undefined) {
      at = at.next;
      links++;
    }
    expect([links, at.n]).toEqual([100_000, 0]);
  });

  test('an array of more than one read is whole', async () => {
    const weights = new Uint32Array(1_500_000).map((_, index) => index * 7);
    expect(
      Buffer.from(((await roundTrip({ weights })) as { weights: Uint32Array }).weights.buffer).equals(
        Buffer.from(weights.buffer),
      ),
    ).toBe(true);
  });

  test('the text is one node a line, so that two models can be compared', async () => {
    const files = await filesOf({ labels: ['a', 'b'], weights: new Float32Array(2) });
    expect(files['model.json']?.split('\n')).toEqual([
      '{"format":"runwright-model","version":1,"value":["ref",0],"nodes":[',
      '["object",{"labels":["ref",1],"weights":["ref",2]}],',
      '["array",["a","b"]],',
      '["bytes","Float32Array",0,8]',
      ']}',
      '',
    ]);
  });
});
