import { rm, readFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IsNumber } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Dispose } from '../../../src/decorators/Dispose';
import { Load } from '../../../src/decorators/Load';
import { Postprocess } from '../../../src/decorators/Postprocess';
import { Predict } from '../../../src/decorators/Predict';
import { Preprocess } from '../../../src/decorators/Preprocess';
import { Runner } from '../../../src/decorators/Runner';
import { Save } from '../../../src/decorators/Save';
import type { Artifacts, Props, SaveContext } from '../../../src/metadata/contexts';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import { createTestRunner } from '../../../src/testing/index';

class Input {
  @IsNumber() value!: number;
}

@Runner()
class Scales {
  @Save() save(model: { factor: number }, { directory }: SaveContext) {
    writeFileSync(join(directory, 'factor.txt'), String(model.factor));
    return { file: 'factor.txt' };
  }
  @Load() load(props: Props, artifacts: Artifacts) {
    return { factor: Number(props['factor'] ?? Object.keys(artifacts).length) };
  }
  @Preprocess({ input: Input }) unwrap(data: Input) {
    return data.value;
  }
  @Predict() predict(model: { factor: number }, value: number) {
    return value * model.factor;
  }
  @Postprocess({ output: Unvalidated }) wrap(result: number) {
    return { result };
  }
  @Dispose() free() {}
}

describe('createTestRunner', () => {
  it('runs the whole way with a fake model and records every stage', async () => {
    const runner = createTestRunner(Scales, { model: { factor: 3 } });
    expect(await runner.run({ value: 2 })).toEqual({ result: 6 });
    expect(runner.records).toEqual([
      { stage: 'preprocess', where: 'Scales.unwrap', input: { value: 2 }, output: 2 },
      { stage: 'predict', where: 'Scales.predict', input: 2, output: 6 },
      { stage: 'postprocess', where: 'Scales.wrap', input: 6, output: { result: 6 } },
    ]);
    runner.clearRecords();
    await runner.close();
    expect(runner.records.map(({ stage }) => stage)).toEqual(['dispose']);
    expect(runner.state).toBe('closed');
  });

  it('refuses options that are no options', () => {
    const given = { modle: { factor: 3 } } as object;
    expect(() => createTestRunner(Scales, given)).toThrow(
      expect.objectContaining({ code: 'RW_OPTION_INVALID', where: 'createTestRunner, option `modle`' }),
    );
  });

  it('loads only when something needs the model, and then as production does', async () => {
    const runner = createTestRunner(Scales, { props: { factor: '5' }, artifacts: { 'a.txt': 'a.txt' } });
    expect(await runner.preprocess({ value: 1 })).toBe(1);
    expect(runner.state).toBe('created');
    expect(await runner.predict(2)).toBe(10);
    expect(runner.state).toBe('ready');
    expect(runner.records.map(({ stage }) => stage)).toEqual(['preprocess', 'load', 'predict']);
    await runner.close();
  });

  it('validates around a stage that runs alone', async () => {
    const runner = createTestRunner(Scales, { model: { factor: 1 } });
    await expect(runner.preprocess({ value: 'x' })).rejects.toMatchObject({ code: 'RW_INPUT_INVALID' });
    expect(runner.records).toEqual([]);
    expect(await runner.postprocess(4)).toEqual({ result: 4 });
  });

  it('saves alone, into a folder that can be looked at', async () => {
    const runner = createTestRunner(Scales);
    const { directory, props } = await runner.save({ factor: 9 });
    try {
      expect(props).toEqual({ file: 'factor.txt' });
      expect(await readFile(join(directory, 'factor.txt'), 'utf8')).toBe('9');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('records what a stage threw, as it threw it', async () => {
    const cause = new Error('no');
    @Runner()
    class Throws {
      @Predict({ input: Unvalidated, output: Unvalidated }) predict(): never {
        throw cause;
      }
    }
    const runner = createTestRunner(Throws);
    await expect(runner.run(1)).rejects.toMatchObject({ code: 'RW_STAGE_FAILED', cause });
    expect(runner.records).toEqual([{ stage: 'predict', where: 'Throws.predict', input: 1, error: cause }]);
  });

  it('collects the items of a stream, and batches as they come', async () => {
    @Runner()
    class Streams {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *predict(_model: unknown, upTo: number) {
        for (let at = 0; at < upTo; at += 1) yield await Promise.resolve(at);
      }
    }
    const runner = createTestRunner<number, number>(Streams);
    expect(await runner.predict(3)).toEqual([0, 1, 2]);
    for await (const item of runner.stream(5)) if (item === 1) break;
    expect(runner.records.map(({ output }) => output)).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
    @Runner()
    class Batches {
      @Predict({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 2 } }) predict(
        _model: unknown,
        all: number[],
      ) {
        return all;
      }
    }
    expect(await createTestRunner(Batches).predict([1, 2])).toEqual([1, 2]);
  });
});
