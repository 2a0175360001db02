import { node, onnxGraph } from './onnxGraph.mjs';

const POOL = { kernel_shape: [2, 2], strides: [2, 2] };

/** An ONNX file: `image` float32 [-1, 1, 28, 28] to `scores` float32 [-1, 10], by two convolutions of 3 by 3, 32 and 64 wide. */
export const onnxCnn = () =>
  onnxGraph({
    name: 'cnn',
    input: ['image', 1, 28, 28],
    output: ['scores', 10],
    nodes: [
      node('Conv', ['image', 'kernels1', 'bias1'], 'lines', { kernel_shape: [3, 3] }),
      node('Relu', ['lines'], 'seen1'),
      node('MaxPool', ['seen1'], 'pooled1', POOL),
      node('Conv', ['pooled1', 'kernels2', 'bias2'], 'shapes', { kernel_shape: [3, 3] }),
      node('Relu', ['shapes'], 'seen2'),
      node('MaxPool', ['seen2'], 'pooled2', POOL),
      node('Flatten', ['pooled2'], 'flat', { axis: 1 }),
      node('Gemm', ['flat', 'weights3', 'bias3'], 'scores'),
    ],
    weights: {
      kernels1: [32, 1, 3, 3],
      bias1: [32],
      kernels2: [64, 32, 3, 3],
      bias2: [64],
      weights3: [1600, 10],
      bias3: [10],
    },
  });
