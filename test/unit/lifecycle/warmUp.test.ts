import 'reflect-metadata';
import { IsNumber } from 'class-validator';
import { expect, it } from 'vitest';
import { Predict } from '../../../src/decorators/Predict';
import { Runner } from '../../../src/decorators/Runner';
import { createRunner } from '../../../src/lifecycle/createRunner';
import { Unvalidated } from '../../../src/schema/Unvalidated';

class Input {
  @IsNumber() value!: number;
}

const seen: unknown[] = [];

@Runner({ name: 'one' })
class One {
  @Predict({ input: Input, output: Unvalidated }) predict(_model: unknown, { value }: Input) {
    seen.push(value);
    return value;
  }
}

@Runner({ name: 'batch' })
class Batch {
  @Predict({ input: Input, output: Unvalidated, batch: { maxSize: 4 } })
  predict(_model: unknown, inputs: Input[]) {
    seen.push(inputs.map(({ value }) => value));
    return inputs;
  }
}

@Runner({ name: 'stream' })
class Stream {
  @Predict({ input: Input, output: Unvalidated }) *predict(_model: unknown, { value }: Input) {
    yield value;
    seen.push('the end');
  }
}

it.each([
  [One, [1, 2]],
  [Batch, [[1], [2]]],
  [Stream, ['the end', 'the end']],
] as const)('runs every input through %o before the handle is ready', async (runner, calls) => {
  seen.length = 0;
  const handle = await createRunner(runner, { warmUp: [{ value: 1 }, { value: 2 }] });
  expect(seen).toEqual(calls);
  expect(handle.state).toBe('ready');
  await handle.close();
});

it('an input that fails fails the loading', async () => {
  await expect(createRunner(One, { warmUp: [{ value: 1 }, { value: 'two' }] })).rejects.toMatchObject({
    code: 'RW_OPTION_INVALID',
    where: 'One, option `warmUp`',
    what: expect.stringMatching(/^input 1 failed: the input is not valid: value/) as string,
    cause: { code: 'RW_INPUT_INVALID' },
  });
});
