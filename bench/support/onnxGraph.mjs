import { bytes, integer, message } from './protobuf.mjs';

const FLOAT = 1;
const INT = 2;
const INTS = 7;

/**
 * An ONNX file of operators one behind another: float32 in, float32 out, with any number of `rows` in front. Its weights are
 * the same each time.
 *
 * @param input, output `[name, ...dimensions behind the rows]`
 * @param nodes made by `node`
 * @param weights name to dimensions
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the numbers of the fields
 */
export function onnxGraph({ name, input, output, nodes, weights }) {
  const graph = message(
    ...nodes,
    bytes(2, name),
    ...Object.entries(weights).map(([weight, dims]) => bytes(5, weightsOf(weight, dims))),
    bytes(11, rowsOf(input)),
    bytes(12, rowsOf(output)),
  );
  return message(integer(1, 8), bytes(2, 'runwright bench'), bytes(7, graph), bytes(8, integer(2, 13)));
}

/** @param attributes integers, or lists of them */
export const node = (type, inputs, output, attributes = {}) =>
  bytes(
    1,
    message(
      ...inputs.map((name) => bytes(1, name)),
      bytes(2, output),
      bytes(4, type),
      ...Object.entries(attributes).map((attribute) => bytes(5, attributeOf(attribute))),
    ),
  );

function attributeOf([name, value]) {
  return Array.isArray(value)
    ? message(bytes(1, name), ...value.map((one) => integer(8, one)), integer(20, INTS))
    : message(bytes(1, name), integer(3, value), integer(20, INT));
}

function weightsOf(name, dims) {
  const values = Float32Array.from(
    { length: dims.reduce((product, dim) => product * dim) },
    (_, at) => Math.sin(at * 12.9898 + name.length) * 0.7,
  );
  return message(
    dims.map((dim) => integer(1, dim)),
    integer(2, FLOAT),
    bytes(8, name),
    bytes(9, Buffer.from(values.buffer)),
  );
}

function rowsOf([name, ...dims]) {
  const shape = message(bytes(1, bytes(2, 'rows')), ...dims.map((dim) => bytes(1, integer(1, dim))));
  return message(bytes(1, name), bytes(2, bytes(1, message(integer(1, FLOAT), bytes(2, shape)))));
}
