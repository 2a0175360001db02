import { InferenceSession, Tensor } from 'onnxruntime-node';
import { IsTensor, Load, Postprocess, Predict, Preprocess, Runner } from 'runwright';
import type { Artifacts, Props } from 'runwright';

const FEATURES = 4;
const CLASSES = 3;

export class MlpInput {
  @IsTensor({ dtype: 'float32', shape: [FEATURES] }) features!: Tensor;
}
export class MlpOutput {
  @IsTensor({ dtype: 'float32', shape: [CLASSES] }) scores!: Tensor;
}

/** A 4-32-3 network in ONNX, its input and output tensors. */
@Runner({ name: 'mlp' })
export class MlpRunner {
  @Load() load(_props: Props | null, artifacts: Artifacts): Promise<InferenceSession> {
    return InferenceSession.create(artifacts['mlp.onnx'] as string, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
  }

  @Preprocess({ input: () => MlpInput }) row({ features }: MlpInput): Float32Array {
    return features.data as Float32Array;
  }

  @Predict({ batch: { maxSize: 64 } })
  async predict(session: InferenceSession, rows: Float32Array[]): Promise<Float32Array[]> {
    const features = new Float32Array(rows.length * FEATURES);
    rows.forEach((row, at) => features.set(row, at * FEATURES));
    const { scores } = await session.run({
      features: new Tensor('float32', features, [rows.length, FEATURES]),
    });
    const data = scores?.data as Float32Array;
    return rows.map((_, at) => data.subarray(at * CLASSES, (at + 1) * CLASSES));
  }

  @Postprocess({ output: () => MlpOutput }) answer(scores: Float32Array): MlpOutput {
    return { scores: new Tensor('float32', scores, [CLASSES]) };
  }
}
