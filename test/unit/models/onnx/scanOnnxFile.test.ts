import fc from 'fast-check';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { scanOnnxFile } from '../../../../src/models/onnx/scanOnnxFile';
import { encodeNode, encodeTensor, node, onnxFile, value, type OnnxInitializer } from './onnxFile';
import { choice, externalData, mlp, twoInputs } from './onnxFiles';
import { bytes, integer, message, varint } from './protobuf';
import { withOnnxFile } from './withOnnxFile';

const at = (location: string): OnnxInitializer => ({ name: location, dims: [1], external: { location } });
const locationsIn = (file: Uint8Array): Promise<readonly string[]> =>
  withOnnxFile(file, async (path) => (await scanOnnxFile(path)).locations);
const withMore = (more: Buffer): Buffer => onnxFile({ nodes: [], outputs: [], more });

describe('scanOnnxFile', () => {
  it('finds nothing where all weights are in the file', async () => {
    expect(await locationsIn(mlp())).toEqual([]);
  });

  it('finds each file once, in order', async () => {
    const initializers = ['b', 'a', 'b', 'sub/c'].map(at);
    expect(await locationsIn(onnxFile({ nodes: [], outputs: [], initializers }))).toEqual([
      'a',
      'b',
      'sub/c',
    ]);
  });

  it('looks into subgraphs, tensors of nodes, functions, training graphs and sparse tensors', async () => {
    expect(await locationsIn(choice('then.bin'))).toEqual(['then.bin']);
    const constant = node('Constant', [], ['y'], { value: { tensor: at('constant.bin') } });
    expect(await locationsIn(onnxFile({ nodes: [constant], outputs: [] }))).toEqual(['constant.bin']);
    expect(await locationsIn(withMore(bytes(25, bytes(7, encodeNode(constant)))))).toEqual(['constant.bin']);
    const graph = bytes(5, encodeTensor(at('training.bin')));
    expect(await locationsIn(withMore(bytes(20, bytes(1, graph))))).toEqual(['training.bin']);
    const sparse = bytes(
      15,
      message(bytes(1, encodeTensor(at('values.bin'))), bytes(2, encodeTensor(at('indices.bin')))),
    );
    expect(await locationsIn(withMore(bytes(7, sparse)))).toEqual(['indices.bin', 'values.bin']);
    const attribute = bytes(1, bytes(5, bytes(22, bytes(1, encodeTensor(at('attribute.bin'))))));
    expect(await locationsIn(withMore(bytes(7, attribute)))).toEqual(['attribute.bin']);
  });

  it('heeds the mark that makes data external', async () => {
    const unmarked = message(
      integer(1, 1),
      integer(2, 1),
      bytes(13, message(bytes(1, 'location'), bytes(2, 'x'))),
    );
    expect(await locationsIn(withMore(bytes(7, bytes(5, unmarked))))).toEqual([]);
    expect(await locationsIn(withMore(bytes(7, bytes(5, message(unmarked, integer(14, 1))))))).toEqual(['x']);
  });

  it('tells inputs and outputs without a shape from scalars', async () => {
    const file = onnxFile({
      nodes: [],
      inputs: [value('any', 'float32'), value('scalar', 'float32', []), value('row', 'float32', ['n'])],
      outputs: [value('also', 'int64')],
    });
    await withOnnxFile(file, async (path) => {
      expect([...(await scanOnnxFile(path)).shapeless].sort()).toEqual(['also', 'any']);
    });
    await withOnnxFile(twoInputs(), async (path) =>
      expect((await scanOnnxFile(path)).shapeless.size).toBe(0),
    );
  });

  it('passes over weights without reading them', () =>
    withOnnxFile(Buffer.alloc(0), async (path) => {
      // A tensor of 3 GB, most of it a hole in the file, and behind it one that is external.
      const size = 3 * 2 ** 30;
      const header = Buffer.concat([varint(9 * 8 + 2), varint(size)]);
      const behind = bytes(5, encodeTensor(at('far.bin')));
      const tensor = Buffer.concat([varint(5 * 8 + 2), varint(header.length + size), header]);
      const front = Buffer.concat([varint(7 * 8 + 2), varint(tensor.length + size + behind.length), tensor]);
      const handle = await open(path, 'w');
      await handle.write(front, 0, front.length, 0);
      await handle.write(behind, 0, behind.length, front.length + size);
      await handle.close();
      const before = process.memoryUsage.rss();
      const began = performance.now();
      expect((await scanOnnxFile(path)).locations).toEqual(['far.bin']);
      expect(performance.now() - began).toBeLessThan(1000);
      expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
    }));

  it('refuses messages within messages without end', async () => {
    let graph: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 60; depth += 1) graph = bytes(1, bytes(5, bytes(6, graph)));
    await expect(locationsIn(withMore(bytes(7, graph)))).rejects.toThrow(
      'messages within messages without end',
    );
  });

  it('refuses names without end and files without number', async () => {
    await expect(locationsIn(externalData('x'.repeat(20_000)))).rejects.toThrow('a name of unusual length');
    const initializers = Array.from({ length: 10_001 }, (_, number) => at(String(number)));
    await expect(locationsIn(onnxFile({ nodes: [], outputs: [], initializers }))).rejects.toThrow(
      'it names more than 10000 files',
    );
  });

  it('finds names that lie across the borders of what is read at once', async () => {
    for (let filler = 16_300; filler < 16_400; filler += 1) {
      const file = onnxFile({
        nodes: [],
        outputs: [],
        initializers: [{ name: 'x'.repeat(filler), dims: [1], values: [1] }, at('weights.bin')],
      });
      expect(await locationsIn(file)).toEqual(['weights.bin']);
    }
  });

  it('ends on whatever bytes, with an answer or a refusal', async () => {
    const whole = choice('then.bin');
    const change = fc.record({
      place: fc.nat(whole.length - 1),
      byte: fc.nat(255),
      length: fc.nat(whole.length),
    });
    await fc.assert(
      fc.asyncProperty(change, fc.boolean(), async ({ place, byte, length }, cuts) => {
        const damaged = Buffer.from(whole);
        damaged[place] = byte;
        const said: unknown = await locationsIn(cuts ? damaged.subarray(0, length) : damaged).catch(
          (error: unknown) => error,
        );
        const isRefusal = RunwrightError.is(said) && said.code === 'RW_MODEL_FILE_INVALID';
        expect(Array.isArray(said) || isRefusal).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
