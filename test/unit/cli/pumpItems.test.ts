import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import type { InputItem } from '../../../src/cli/predict/InputItem';
import { parseInput } from '../../../src/cli/predict/parseInput';
import { pumpItems } from '../../../src/cli/predict/pumpItems';
import { Predict } from '../../../src/decorators/Predict';
import { Runner } from '../../../src/decorators/Runner';
import { createRunner } from '../../../src/lifecycle/createRunner';
import { Unvalidated } from '../../../src/schema/Unvalidated';

let running = 0;
let most = 0;

@Runner()
class Waiter {
  /** The input is how many turns of the event loop it takes. */
  @Predict({ input: Unvalidated, output: Unvalidated }) async predict(_model: unknown, turns: number) {
    most = Math.max(most, (running += 1));
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (turns === 13) throw new Error('unlucky');
    return turns;
  }
}

async function* groupsOf(...groups: string[][]): AsyncGenerator<InputItem[]> {
  let line = 0;
  for (const group of groups) {
    await Promise.resolve();
    yield group.map((text) => parseInput(text, (line += 1)));
  }
}

const noStop = (): void => undefined;
const live = new AbortController().signal;

describe('pumpItems', () => {
  it('emits in order what ends out of order, bad items in their place, with a bound on what runs', async () => {
    const handle = await createRunner(Waiter);
    const seen: unknown[] = [];
    const many = Array.from({ length: 50 }, (_, at) => String((at * 7) % 20));
    await pumpItems(
      handle,
      groupsOf(['9', 'x', '0', '13'], many),
      live,
      ({ line }, outcome) => {
        seen.push([line, outcome.ok ? outcome.value : outcome.error.code]);
        return Promise.resolve();
      },
      noStop,
    );
    const expected = many.map((text) => (text === '13' ? 'RW_STAGE_FAILED' : Number(text)));
    expect(seen).toEqual(
      [9, 'RW_INPUT_INVALID', 0, 'RW_STAGE_FAILED', ...expected].map((value, at) => [at + 1, value]),
    );
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('does not read on while nothing is taken', async () => {
    const handle = await createRunner(Waiter);
    let read = 0;
    async function* endless(): AsyncGenerator<InputItem[]> {
      for (;;) {
        await Promise.resolve();
        read += 1;
        yield [parseInput('0', read)];
      }
    }
    let taken = 0;
    const failed = pumpItems(
      handle,
      endless(),
      live,
      async () => {
        taken += 1;
        if (taken < 3) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
        throw new Error('full');
      },
      noStop,
    );
    await expect(failed).rejects.toThrow('full');
    expect(read).toBeLessThan(20);
  });

  it('a failure to emit stops a reading that would never end, and is what is told', async () => {
    const handle = await createRunner(Waiter);
    let stop: (error: Error) => void = noStop;
    async function* stuck(): AsyncGenerator<InputItem[]> {
      yield [parseInput('0', 1)];
      await new Promise((_, reject) => (stop = reject));
    }
    const work = pumpItems(
      handle,
      stuck(),
      live,
      () => Promise.reject(new Error('full')),
      () => stop(new Error('closed')),
    );
    await expect(work).rejects.toThrow('full');
  });

  it('ends when its signal fires', async () => {
    const handle = await createRunner(Waiter);
    const controller = new AbortController();
    const seen: number[] = [];
    const work = pumpItems(
      handle,
      groupsOf(['0', '1', '2', '3']),
      controller.signal,
      ({ line }) => {
        seen.push(line);
        if (line === 2) controller.abort(new Error('enough'));
        return Promise.resolve();
      },
      noStop,
    );
    await expect(work).rejects.toThrow('enough');
    expect(seen).toEqual([1, 2]);
  });
});
