import { types } from 'node:util';
import type { BatchItem } from '../batching/BatchItem';
import { stoppedError } from '../batching/stoppedError';
import type { StageDefinition } from '../scanner/RunnerDefinition';
import type { Pipeline } from './Pipeline';
import type { PreparedInput } from './PreparedInput';
import type { RunOutcome } from './RunnerHandle';
import { stageError } from './stageError';
import { toOutcome } from './toOutcome';

type Outcomes = readonly RunOutcome<unknown>[];

/**
 * A batch through predict. A batch that fails is halved until the bad item fails alone; one that comes back with another
 * number of outputs fails as a whole. An `Error` among the outputs fails its item alone.
 */
export async function predictItems(
  pipeline: Pipeline,
  stage: StageDefinition,
  items: readonly BatchItem<PreparedInput>[],
): Promise<Outcomes> {
  const predicted = await toOutcome(pipeline.predictBatch(items.map(({ value }) => value)));
  if (predicted.ok) {
    return predicted.value.map((output) =>
      isError(output) ? { ok: false, error: stageError(stage, output) } : { ok: true, value: output },
    );
  }
  if (items.length === 1 || predicted.error.code !== 'RW_STAGE_FAILED') return items.map(() => predicted);
  const half = Math.ceil(items.length / 2);
  const first = await predictRest(pipeline, stage, items.slice(0, half));
  return [...first, ...(await predictRest(pipeline, stage, items.slice(half)))];
}

/** The same for what is still waited for: callers may have left while the whole batch was tried. */
async function predictRest(
  pipeline: Pipeline,
  stage: StageDefinition,
  items: readonly BatchItem<PreparedInput>[],
): Promise<Outcomes> {
  const live = items.filter(({ cancellation }) => !cancellation.aborted);
  const outcomes = live.length === 0 ? [] : await predictItems(pipeline, stage, live);
  return items.map((item) => {
    const outcome = outcomes[live.indexOf(item)];
    return outcome ?? { ok: false, error: stoppedError(stage.where, item.cancellation.reason) };
  });
}

// Also of another realm, such as Jest's.
const isError = (output: unknown): boolean => output instanceof Error || types.isNativeError(output);
