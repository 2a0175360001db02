import { bytes, integer, message } from './protobuf.mjs';

const FLOAT = 1;
const INPUTS = 4;
const HIDDEN = 32;
const OUTPUTS = 3;

/**
 * An ONNX file: `features` float32 [-1, 4] to `scores` float32 [-1, 3], by a hidden layer of 32 and a softmax. Its weights
 * are the same each time.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the numbers of the fields
 */
export function onnxMlp() {
  const graph = message(
    node('Gemm', ['features', 'weights1', 'bias1'], 'hidden'),
    node('Relu', ['hidden'], 'active'),
    node('Gemm', ['active', 'weights2', 'bias2'], 'logits'),
    node('Softmax', ['logits'], 'scores'),
    bytes(2, 'mlp'),
    bytes(5, weights('weights1', [INPUTS, HIDDEN])),
    bytes(5, weights('bias1', [HIDDEN])),
    bytes(5, weights('weights2', [HIDDEN, OUTPUTS])),
    bytes(5, weights('bias2', [OUTPUTS])),
    bytes(11, rows('features', INPUTS)),
    bytes(12, rows('scores', OUTPUTS)),
  );
  return message(integer(1, 8), bytes(2, 'runwright bench'), bytes(7, graph), bytes(8, integer(2, 13)));
}

const node = (type, inputs, output) =>
  bytes(1, message(...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(4, type)));

function weights(name, dims) {
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

/** A matrix of any number of rows. */
function rows(name, width) {
  const shape = message(bytes(1, bytes(2, 'rows')), bytes(1, integer(1, width)));
  return message(bytes(1, name), bytes(2, bytes(1, message(integer(1, FLOAT), bytes(2, shape)))));
}
