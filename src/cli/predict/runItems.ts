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
  const values = items.filter((item) => item.ok).map(({ value }) => value);
  const outcomes = handle.definition.stream
    ? await Promise.all(values.map((value) => gather(handle, value, signal)))
    : await handle.runMany(values, { signal });
  return items.flatMap((item) => (item.ok ? outcomes.splice(0, 1) : [item]));
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
