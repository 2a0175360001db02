import type { Pipeline } from './Pipeline';
import type { RequestContext } from './RequestContext';
import { runConcurrently } from './runConcurrently';
import type { RunOutcome } from './RunnerHandle';
import { toOutcome } from './toOutcome';

interface Prepared {
  readonly index: number;
  readonly modelInput: unknown;
}

/** Many inputs through a batched predict: chunks of `maxSize`, halved when they fail, so that one bad item fails alone. */
export async function runBatches(
  pipeline: Pipeline,
  inputs: readonly unknown[],
  contexts: readonly RequestContext[],
  { maxSize, concurrency }: { maxSize: number; concurrency: number },
  done: RunOutcome<unknown>[] = [],
): Promise<RunOutcome<unknown>[]> {
  const contextOf = (index: number): RequestContext => contexts[index] as RequestContext;
  const prepared = await runConcurrently(inputs, concurrency, (input, index) =>
    toOutcome(pipeline.toModelInput(input, contextOf(index))),
  );
  const outcomes: RunOutcome<unknown>[] = [...prepared];

  const predict = async (items: readonly Prepared[]): Promise<void> => {
    const predicted = await toOutcome(
      pipeline.predictBatch(
        items.map(({ modelInput }) => modelInput),
        items.map(({ index }) => contextOf(index)),
      ),
    );
    if (predicted.ok) {
      items.forEach(({ index }, at) => (outcomes[index] = { ok: true, value: predicted.value[at] }));
      return;
    }
    const wrongCount = predicted.error.code === 'RW_BATCH_COUNT';
    if (items.length === 1 || wrongCount || predicted.error.code === 'RW_ABORTED') {
      for (const { index } of items) outcomes[index] = predicted;
      return;
    }
    const half = Math.ceil(items.length / 2);
    await predict(items.slice(0, half));
    await predict(items.slice(half));
  };

  const waiting = prepared.flatMap((outcome, index) =>
    outcome.ok ? [{ index, modelInput: outcome.value }] : [],
  );
  for (let start = 0; start < waiting.length; start += maxSize) {
    await predict(waiting.slice(start, start + maxSize));
  }
  const answer = async (outcome: RunOutcome<unknown>, index: number): Promise<RunOutcome<unknown>> =>
    outcome.ok ? toOutcome(pipeline.toOutput(outcome.value, contextOf(index))) : outcome;
  return runConcurrently(outcomes, concurrency, answer, done);
}
