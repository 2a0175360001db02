import { IsIn, IsNumber, Max, Min } from 'class-validator';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Load, Postprocess, Predict, Preprocess, Runner } from 'runwright';
import type { Artifacts, Props } from 'runwright';

const LABELS = ['setosa', 'versicolor', 'virginica'];
const FEATURES = 4;

export class IrisInput {
  @IsNumber() sepalLength!: number;
  @IsNumber() sepalWidth!: number;
  @IsNumber() petalLength!: number;
  @IsNumber() petalWidth!: number;
}
export class IrisOutput {
  @IsIn(LABELS) species!: string;
  @IsNumber() @Min(0) @Max(1) confidence!: number;
}

/** The same network as in `mlp.runner.ts`; its input and output are objects that class-validator checks. */
@Runner({ name: 'mlp-dto' })
export class MlpDtoRunner {
  @Load() load(_props: Props | null, artifacts: Artifacts): Promise<InferenceSession> {
    return InferenceSession.create(artifacts['mlp.onnx'] as string, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
  }

  @Preprocess({ input: () => IrisInput }) row(input: IrisInput): number[] {
    return [input.sepalLength, input.sepalWidth, input.petalLength, input.petalWidth];
  }

  @Predict({ batch: { maxSize: 64 } })
  async predict(session: InferenceSession, rows: number[][]): Promise<Float32Array[]> {
    const features = new Float32Array(rows.length * FEATURES);
    rows.forEach((row, at) => features.set(row, at * FEATURES));
    const { scores } = await session.run({
      features: new Tensor('float32', features, [rows.length, FEATURES]),
    });
    const data = scores?.data as Float32Array;
    return rows.map((_, at) => data.subarray(at * LABELS.length, (at + 1) * LABELS.length));
  }

  @Postprocess({ output: () => IrisOutput }) answer(scores: Float32Array): IrisOutput {
    const confidence = Math.max(...scores);
    return { species: LABELS[scores.indexOf(confidence)] as string, confidence };
  }
}
