import type { Tensor } from 'onnxruntime-common';
import type { OnnxModel } from 'runwright/onnx';

/** Runs a network that has one input and one output, both of numbers, whatever their names are. */
export async function runNetwork(
  network: OnnxModel,
  tensor: Tensor,
  signal: AbortSignal,
): Promise<Float32Array> {
  const name = network.signature.inputs[0]?.name ?? '';
  const [output] = Object.values(await network.run({ [name]: tensor }, { signal }));
  return output?.data as Float32Array;
}
