import { node, onnxGraph } from './onnxGraph.mjs';

/** An ONNX file: `features` float32 [-1, 4] to `scores` float32 [-1, 3], by a hidden layer of 32 and a softmax. */
export const onnxMlp = () =>
  onnxGraph({
    name: 'mlp',
    input: ['features', 4],
    output: ['scores', 3],
    nodes: [
      node('Gemm', ['features', 'weights1', 'bias1'], 'hidden'),
      node('Relu', ['hidden'], 'active'),
      node('Gemm', ['active', 'weights2', 'bias2'], 'logits'),
      node('Softmax', ['logits'], 'scores'),
    ],
    weights: { weights1: [4, 32], bias1: [32], weights2: [32, 3], bias2: [3] },
  });
