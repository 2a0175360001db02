import { describe, expectTypeOf, it } from 'vitest';
import {
  Dispose,
  IsFile,
  IsTensor,
  Load,
  Postprocess,
  Predict,
  Preprocess,
  Runner,
  Save,
  createRunner,
  type Artifacts,
  type BatchContext,
  type LoadContext,
  type Props,
  type RunContext,
  type RunnerHandle,
  type SaveContext,
  type UploadedFile,
} from '../../src/index';

class Forest {
  trees = 3;
}
class Input {
  value!: number;
}

// What must compile. A failure here is a type error, which fails the suite.
@Runner({ name: 'fits', description: 'every shape' })
export class Fits {
  @Save() async save(_model: Forest, { directory }: SaveContext) {
    return Promise.resolve({ directory });
  }
  @Load() static load(_props: Props, _artifacts: Artifacts, _context: LoadContext) {
    return new Forest();
  }
  @Preprocess({ input: () => [Input] }) prepare(data: Input[], { signal }: RunContext) {
    return signal.aborted ? [] : data;
  }
  @Predict({ batch: { maxSize: 8 } }) predict(_model: Forest, rows: Input[][], { items }: BatchContext) {
    return rows.map((row, at) => row.length + (items[at]?.requestId.length ?? 0));
  }
  @Postprocess({ output: Number }) answer(count: number) {
    return count;
  }
  @Dispose() async free(_model: Forest) {
    await Promise.resolve();
  }
}

@Runner('short')
export class Streams {
  @Load() load(_props: Props | null) {
    return new Forest();
  }
  @Predict({ stream: true }) predict(_model: Forest, _data: string): AsyncIterable<string> {
    return this.generate();
  }
  @Preprocess() plain(data: string) {
    return data;
  }
  async *generate() {
    yield await Promise.resolve('token');
  }
}

@Runner()
export class Generates {
  @Predict() async *predict(_model: Forest, _data: string) {
    yield await Promise.resolve(1);
  }
}

@Runner({ oip: { batch: false } })
export class Sized {
  @Predict({ batch: { maxSize: 8, cost: (tokens: number[]) => tokens.length, maxCost: 64, bucket: 'shape' } })
  predict(_model: Forest, rows: number[][]) {
    return rows.map(({ length }) => length);
  }
}

@Runner()
export class Bucketed {
  @Predict({ batch: { maxSize: 8, maxDelay: 2, bucket: ({ language }: { language: string }) => language } })
  predict(_model: Forest, rows: { language: string; text: string }[]) {
    return rows.map(({ text }) => text);
  }
}

@Runner()
export class ReadOnly {
  @Predict({ batch: { maxSize: 8, cost: ({ length }: ArrayLike<number>) => length, maxCost: 64 } })
  predict(_model: Forest, rows: readonly (readonly number[])[], { signal }: BatchContext) {
    return signal.aborted ? [] : rows.map(({ length }) => length);
  }
}

export class Image {
  @IsTensor({ dtype: 'float32', shape: [3, -1, -1] }) pixels!: unknown;
  @IsTensor({ dtype: 'int64', shape: [] as const }) label!: unknown;
  @IsFile() any!: UploadedFile;
  @IsFile({ mime: ['image/png', 'image/*'], maxBytes: 10 }) picture!: UploadedFile;
}

// What must not compile.
export class WrongImage {
  // @ts-expect-error there is no such type of elements
  @IsTensor({ dtype: 'float', shape: [1] }) dtype!: unknown;
  // @ts-expect-error a shape is numbers
  @IsTensor({ dtype: 'int8', shape: ['n'] }) shape!: unknown;
  // @ts-expect-error a shape is needed
  @IsTensor({ dtype: 'int8' }) shapeless!: unknown;
  // @ts-expect-error a tensor declares itself
  @IsTensor() bare!: unknown;
  // @ts-expect-error bytes are a number
  @IsFile({ maxBytes: '1MB' }) file!: UploadedFile;
}
export class Wrong {
  // @ts-expect-error props are strings
  @Save() saveNumber(_model: Forest) {
    return { depth: 3 };
  }
  // @ts-expect-error save returns props
  @Save() saveNothing(_model: Forest) {}
  // @ts-expect-error the second argument of load is the artifacts
  @Load() load(_props: Props, _artifacts: number) {}
  // @ts-expect-error predict gets three arguments at most
  @Predict() predict(_a: Forest, _b: string, _c: RunContext, _d: number) {}
  // @ts-expect-error the context is not a number
  @Predict() context(_model: Forest, _data: string, _context: number) {}
  // @ts-expect-error a batched predict takes an array
  @Predict({ batch: { maxSize: 2 } }) one(_model: Forest, _row: number) {
    return [];
  }
  // @ts-expect-error a batched predict returns an array
  @Predict({ batch: { maxSize: 2 } }) sum(_model: Forest, rows: number[]) {
    return rows.length;
  }
  // @ts-expect-error a cost is a number
  @Predict({ batch: { maxSize: 2, cost: () => 'much', maxCost: 9 } }) much(_model: Forest, rows: string[]) {
    return rows;
  }
  // @ts-expect-error batch and stream exclude each other
  @Predict({ batch: { maxSize: 2 }, stream: true }) both(_model: Forest, rows: number[]) {
    return rows;
  }
  // @ts-expect-error a stream can be iterated
  @Predict({ stream: true }) single(_model: Forest, _data: string) {
    return 3;
  }
  // @ts-expect-error dispose gets the model only
  @Dispose() free(_model: Forest, _now: boolean) {}
  // @ts-expect-error stages are methods
  @Preprocess() readonly field: number = 3;
  // @ts-expect-error an instance is not a type
  @Preprocess({ input: new Input() }) value(data: Input) {
    return data;
  }
  // @ts-expect-error an array type has one element
  @Postprocess({ output: [Input, Forest] }) pair(data: Input) {
    return data;
  }
}

describe('public types', () => {
  it('carries input and output through the handle', () => {
    expectTypeOf(createRunner<Input, string>).returns.resolves.toEqualTypeOf<RunnerHandle<Input, string>>();
    expectTypeOf<RunnerHandle<Input, string>['run']>().parameter(0).toEqualTypeOf<Input>();
    expectTypeOf<RunnerHandle<Input, string>['stream']>().returns.toExtend<AsyncIterable<string>>();
    expectTypeOf<RunnerHandle>()
      .toHaveProperty('state')
      .toEqualTypeOf<'created' | 'loading' | 'ready' | 'closing' | 'closed' | 'failed' | 'restarting'>();
  });

  it('keeps contexts read-only', () => {
    expectTypeOf<RunContext>().toEqualTypeOf<Readonly<RunContext>>();
    expectTypeOf<Props>().toEqualTypeOf<Readonly<Record<string, string>>>();
  });
});
