import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { loadValue } from '../../../../src/models/value/loadValue';
import type { ModelClasses } from '../../../../src/models/value/ModelClass';
import { saveValue } from '../../../../src/models/value/saveValue';
import { withFolder } from './withFolder';

const called: unknown[] = [];
class Known {
  constructor(readonly json: unknown) {}
  toJSON(): unknown {
    return this.json;
  }
  static fromJSON(json: unknown): Known {
    called.push(json);
    return new Known(json);
  }
}
const classes: ModelClasses = { Known };

/** Loads a folder with these files; a fault must be a RunwrightError of the right kind. */
const load = (json: string | Uint8Array, blobs: readonly Uint8Array[] = []): Promise<unknown> =>
  withFolder(async (directory) => {
    await writeFile(join(directory, 'model.json'), json);
    await Promise.all(blobs.map((blob, number) => writeFile(join(directory, `model.${number}.bin`), blob)));
    return loadValue(directory, { classes });
  });

const document = (nodes: unknown, value: unknown = ['ref', 0]): string =>
  JSON.stringify({ format: 'runwright-model', version: 1, value, nodes });

const invalid = { code: 'RW_MODEL_FILE_INVALID' };

describe('loadValue refuses', () => {
  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['no JSON', '{"format":'],
    ['bytes that are no UTF-8', Buffer.from('2261ff22', 'hex')],
    ['JSON of another format', '{"layers":[]}'],
    ['JSON that is no object', '[]'],
    ['null', 'null'],
    ['no nodes', '{"format":"runwright-model","version":1,"value":1}'],
    ['nodes that are no list', document({})],
    ['no value', '{"format":"runwright-model","version":1,"nodes":[]}'],
    ['a node that is no list', document(['object'])],
    ['a node of an unknown kind', document([['function', 'return 1']])],
    ['a node without content', document([['object']])],
    ['a node with too much content', document([['object', {}, {}]])],
    ['an object that is a list', document([['object', []]])],
    ['a list that is an object', document([['array', {}]])],
    ['a map that is no list of pairs', document([['map', [[1, 2, 3]]]])],
    ['a date that is no date', document([['date', 'yesterday']])],
    ['a date in another spelling', document([['date', '2020-01-01']])],
    ['a date that is a list', document([['date', [0]]])],
    ['a reference to nothing', document([], ['ref', 0])],
    ['a reference backwards', document([['array', [['ref', -1]]]])],
    ['a reference to a fraction', document([['array', [['ref', 0.5]]]])],
    ['a reference to a name', document([['array', [['ref', '__proto__']]]])],
    ['a list in place of a tag', document([['array', [[1]]]])],
    ['an object in place of a tag', document([['array', [{}]]])],
    ['a number that is none', document([], ['number', '1'])],
    ['a bigint that is none', document([], ['bigint', '1.5'])],
    ['a bigint that is empty', document([], ['bigint', ''])],
    ['an unknown tag', document([], ['eval', '1'])],
    ['bytes of an unknown kind', document([['bytes', 'Array', 0, 8]])],
    ['bytes of an inherited kind', document([['bytes', 'constructor', 0, 8]])],
    ['bytes with a name in place of a number', document([['bytes', 'Buffer', '../../secret', 8]])],
    ['bytes with a number out of turn', document([['bytes', 'Buffer', 1, 8]])],
    ['bytes with a negative size', document([['bytes', 'Buffer', 0, -8]])],
    ['bytes that do not fill their elements', document([['bytes', 'Float32Array', 0, 7]])],
    ['bytes without a file', document([['bytes', 'Float32Array', 0, 8]])],
    ['bytes of an absurd size', document([['bytes', 'Buffer', 0, Number.MAX_SAFE_INTEGER]])],
    ['an instance of an inherited name', document([['instance', 'constructor', 1]])],
    ['an instance of an unknown class', document([['instance', 'Unknown', 1]])],
    ['an instance without a value', document([['instance', 'Known']])],
    ['an instance of itself', document([['instance', 'Known', ['ref', 0]]])],
    [
      'an instance on a cycle',
      document([
        ['array', [['ref', 1]]],
        ['instance', 'Known', ['ref', 0]],
      ]),
    ],
    [
      'an instance of a cycle',
      document([
        ['instance', 'Known', ['ref', 1]],
        ['array', [['ref', 1]]],
      ]),
    ],
    ['an instance of nothing', document([['instance', 'Known', ['ref', 9]]])],
    ['lists in lists', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('%s', async (_, json) => {
    called.length = 0;
    await expect(load(json)).rejects.toMatchObject(invalid);
    expect(called).toEqual([]);
  });

  test('a format version that it does not know, and says so', async () => {
    await expect(load('{"format":"runwright-model","version":2,"value":1,"nodes":[]}')).rejects.toMatchObject(
      {
        ...invalid,
        what: 'the format version of the model is not 1',
        hint: expect.stringContaining('version of Runwright') as string,
      },
    );
  });

  test('one blob for two nodes', async () => {
    const twice = document([
      [
        'array',
        [
          ['ref', 1],
          ['ref', 2],
        ],
      ],
      ['bytes', 'Buffer', 0, 1],
      ['bytes', 'Buffer', 0, 1],
    ]);
    await expect(load(twice, [new Uint8Array(1)])).rejects.toMatchObject(invalid);
  });

  test('a folder without a model, and says so', async () => {
    await withFolder(async (directory) => {
      await expect(loadValue(directory)).rejects.toMatchObject({
        ...invalid,
        where: join(directory, 'model.json'),
        what: expect.stringContaining('saved nothing here') as string,
      });
      await expect(loadValue(join(directory, 'missing'))).rejects.toMatchObject(invalid);
    });
  });

  test('a blob that is cut, and says so', async () => {
    await withFolder(async (directory) => {
      await saveValue(new Float64Array(3), directory);
      await truncate(join(directory, 'model.0.bin'), 23);
      await expect(loadValue(directory)).rejects.toMatchObject({
        ...invalid,
        where: join(directory, 'model.0.bin'),
        what: 'the file has 23 bytes, model.json says 24',
      });
    });
  });

  test('a blob that is a folder', async () => {
    await withFolder(async (directory) => {
      await writeFile(join(directory, 'model.json'), document([['bytes', 'Buffer', 0, 4096]]));
      await mkdir(join(directory, 'model.0.bin'));
      await expect(loadValue(directory)).rejects.toMatchObject({ ...invalid, what: 'it is not a file' });
    });
  });
});

describe('loadValue', () => {
  test('says in which node the fault is', async () => {
    await expect(
      load(
        document([
          ['array', []],
          ['set', [['what']]],
        ]),
      ),
    ).rejects.toThrow(/node 1 is not valid/);
  });

  test('keeps a key __proto__ as a key', async () => {
    const value = await load(
      '{"format":"runwright-model","version":1,"value":["ref",0],"nodes":[["object",{"__proto__":["ref",1]}],["object",{"polluted":true}]]}',
    );
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('throws nothing but RunwrightError, whatever the files say', async () => {
    const files = await withFolder(async (directory) => {
      const shared = new Float32Array([1, 2]);
      const map = new Map<unknown, unknown>([
        [1n, { shared }],
        [NaN, new Set([undefined])],
      ]);
      await saveValue(
        { map, at: new Date(1), list: [new Known({ shared }), map, Buffer.from('x')] },
        directory,
      );
      const names = ['model.json', 'model.0.bin', 'model.1.bin'];
      return Promise.all(names.map((name) => readFile(join(directory, name))));
    });
    const [json = Buffer.alloc(0), ...blobs] = files;
    const text = json.toString();
    const tokens = text.match(/"[^"]*"|-?\d+|[[\]{},:]/g) ?? [];
    const words = [...new Set([...tokens, '"__proto__"', '"constructor"', '1e999', '-1', 'null', 'true'])];
    const mutated = fc.oneof(
      fc
        .array(fc.tuple(fc.nat(tokens.length - 1), fc.constantFrom(...words)), { minLength: 1, maxLength: 4 })
        .map((edits) => {
          const copy = [...tokens];
          for (const [at, word] of edits) copy[at] = word;
          return copy.join('');
        }),
      fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([a, b]) => text.slice(0, a) + text.slice(b)),
      fc.jsonValue().map((value) => document(value)),
      fc
        .array(
          fc.tuple(
            fc.constantFrom('object', 'array', 'map', 'set', 'date', 'bytes', 'instance'),
            fc.jsonValue(),
          ),
        )
        .map(document),
    );
    const before = Object.getOwnPropertyNames(Object.prototype);
    await fc.assert(
      fc.asyncProperty(mutated, fc.nat(8), async (hostile, cut) => {
        try {
          await load(
            hostile,
            blobs.map((blob) => blob.subarray(0, Math.max(blob.length - 4, 0) + cut)),
          );
        } catch (error) {
          expect(RunwrightError.is(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });
});
