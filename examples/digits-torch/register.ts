import type { Tensor } from 'onnxruntime-common';
import { registerTorchModel, type RegisteredModel } from 'runwright';
import { DigitsInput, DigitsOutput } from './digits.js';

/**
 * Registers the network. It is exported to ONNX and compared with torch on the way, so that no Python is needed where it runs.
 * The types travel as exports of `entry`; the functions need nothing from outside, so they travel by their source.
 *
 * @param file TorchScript, from float32 [batch, 1, 28, 28] to float32 [batch, 10]
 */
export function registerDigits(file: string, registry: string): Promise<RegisteredModel> {
  return registerTorchModel({
    repositoryName: 'digits-torch',
    modelNumber: null,
    modelInstance: file,
    inputs: [{ name: 'image', dtype: 'float32', shape: [-1, 1, 28, 28], range: [0, 1] }],
    entry: new URL('./digits.js', import.meta.url),
    input: DigitsInput,
    preprocess: ({ pixels }: DigitsInput) => Float32Array.from(pixels),
    postprocess: ({ output }: { output: Tensor }): DigitsOutput => {
      const scores = [...(output.data as Float32Array)];
      const highest = Math.max(...scores);
      const sum = scores.reduce((total, score) => total + Math.exp(score - highest), 0);
      return { digit: scores.indexOf(highest), confidence: 1 / sum };
    },
    output: DigitsOutput,
    registry,
  });
}
