import { node, onnxFile, value, type OnnxInitializer, type OnnxShape, type OnnxType } from './onnxFile';

/** Small models by name, as the bytes of their files. */

/** `features` float32 [rows, 4] to `scores` float32 [rows, 3]: a hidden layer of 32 and a softmax. */
export function mlp({ rows = 'rows' }: { rows?: number | string } = {}): Buffer {
  return onnxFile({
    nodes: [
      node('Gemm', ['features', 'weights1', 'bias1'], ['hidden']),
      node('Relu', ['hidden'], ['active']),
      node('Gemm', ['active', 'weights2', 'bias2'], ['logits']),
      node('Softmax', ['logits'], ['scores']),
    ],
    inputs: [value('features', 'float32', [rows, 4])],
    outputs: [value('scores', 'float32', [rows, 3])],
    initializers: [
      weights('weights1', [4, 32]),
      weights('bias1', [32]),
      weights('weights2', [32, 3]),
      weights('bias2', [3]),
    ],
  });
}

/** `x` to `y` of the same type and shape, unchanged. */
export function identity(type: OnnxType, shape: OnnxShape = ['rows', 2]): Buffer {
  // Strings and most integers have no Relu; Identity takes all, at opset 13 bfloat16 too.
  return onnxFile({
    nodes: [node('Identity', ['x'], ['y'])],
    inputs: [value('x', type, shape)],
    outputs: [value('y', type, shape)],
  });
}

/** `a` [rows, width] and `b` [rows, width], float32, to `sum` [rows, width]. */
export function twoInputs({
  a = ['rows', 'width'],
  b = ['rows', 'width'],
  sum = ['rows', 'width'],
}: { a?: OnnxShape; b?: OnnxShape; sum?: OnnxShape } = {}): Buffer {
  return onnxFile({
    nodes: [node('Add', ['a', 'b'], ['sum'])],
    inputs: [value('a', 'float32', a), value('b', 'float32', b)],
    outputs: [value('sum', 'float32', sum)],
  });
}

/** `x` float32 [rows, 2] to `total`, a scalar: the sum of all. */
export function scalarOutput(): Buffer {
  return onnxFile({
    nodes: [node('ReduceSum', ['x'], ['total'], { keepdims: 0 })],
    inputs: [value('x', 'float32', ['rows', 2])],
    outputs: [value('total', 'float32', [])],
  });
}

/** `x` float32 [rows, 4] plus a row of weights that lie in another file: 16 bytes at `offset`. */
export function externalData(location: string, offset = 0): Buffer {
  return onnxFile({
    nodes: [node('Add', ['x', 'w'], ['y'])],
    inputs: [value('x', 'float32', ['rows', 4])],
    outputs: [value('y', 'float32', ['rows', 4])],
    initializers: [{ name: 'w', dims: [4], external: { location, offset: String(offset), length: '16' } }],
  });
}

/** `flag` bool [] chooses between two constants [2]; where `location` is given, the one of `then` lies in that file. */
export function choice(location?: string): Buffer {
  const branch = (name: string, constant: OnnxInitializer): { graph: Parameters<typeof onnxFile>[0] } => ({
    graph: {
      nodes: [node('Identity', [constant.name], [name])],
      outputs: [value(name, 'float32', [2])],
      initializers: [constant],
    },
  });
  const first: OnnxInitializer =
    location === undefined
      ? { name: 'one', dims: [2], values: [1, 1] }
      : { name: 'one', dims: [2], external: { location, offset: '0', length: '8' } };
  return onnxFile({
    nodes: [
      node('If', ['flag'], ['y'], {
        then_branch: branch('yes', first),
        else_branch: branch('no', { name: 'two', dims: [2], values: [2, 2] }),
      }),
    ],
    inputs: [value('flag', 'bool', [])],
    outputs: [value('y', 'float32', [2])],
  });
}

/** The same numbers each time. */
export function weights(name: string, dims: readonly number[]): OnnxInitializer {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return {
    name,
    dims,
    values: Array.from({ length }, (_, at) => Math.sin(at * 12.9898 + name.length) * 0.7),
  };
}

/** `x` float32 [rows, rows] to itself: the number of rows is another size too. */
export function square(): Buffer {
  return onnxFile({
    nodes: [node('Identity', ['x'], ['y'])],
    inputs: [value('x', 'float32', ['rows', 'rows'])],
    outputs: [value('y', 'float32', ['rows', 'rows'])],
  });
}

/** `x` float32 [rows, 4] to `y` [more, 4]: all of it twice. */
export function doubled(): Buffer {
  return onnxFile({
    nodes: [node('Concat', ['x', 'x'], ['y'], { axis: 0 })],
    inputs: [value('x', 'float32', ['rows', 4])],
    outputs: [value('y', 'float32', ['more', 4])],
  });
}
