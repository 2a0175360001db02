import type { RunnerHandle, RunOutcome } from '../../lifecycle/RunnerHandle';
import { RunwrightError } from '../../errors/RunwrightError';
import type { InputItem } from './InputItem';

/**
 * Runs inputs, batched where the runner batches, and gives one outcome for each, in order. The outputs of a streaming runner
 * are gathered into one array.
 */
export async function runItems(
  handle: RunnerHandle,
  items: readonly InputItem[],
  signal: AbortSignal,
): Promise<RunOutcome<unknown>[]> {
  const good = items.filter((item) => item.ok);
  const values = good.map(({ value }) => value);
  const outcomes = handle.definition.stream
    ? await Promise.all(values.map((value) => gather(handle, value, signal)))
    : await handle.runMany(values, { signal });
  const rest = outcomes.values();
  return items.map((item): RunOutcome<unknown> => {
    if (!item.ok) return item;
    const { value } = rest.next();
    if (value === undefined) throw new TypeError('the runner gave fewer outcomes than it got inputs');
    return value;
  });
}

async function gather(
  handle: RunnerHandle,
  value: unknown,
  signal: AbortSignal,
): Promise<RunOutcome<unknown>> {
  const outputs: unknown[] = [];
  try {
    for await (const output of handle.stream(value, { signal })) outputs.push(output);
    return { ok: true, value: outputs };
  } catch (error) {
    if (RunwrightError.is(error)) return { ok: false, error };
    throw error;
  }
}
