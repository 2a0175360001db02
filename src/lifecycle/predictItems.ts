import type { BatchItem } from '../batching/BatchItem';
import { stoppedError } from '../batching/stoppedError';
import { RunwrightError } from '../errors/RunwrightError';
import type { StageDefinition } from '../scanner/RunnerDefinition';
import { isError } from './isError';
import type { Pipeline } from './Pipeline';
import type { PreparedInput } from './PreparedInput';
import type { RunOutcome } from './RunnerHandle';
import { stageError } from './stageError';

type Outcomes = readonly RunOutcome<unknown>[];

/**
 * A batch through predict. A batch that fails is halved until the bad item fails alone, and taken item by item once both
 * halves of one fail: at most three calls more than items. One that comes back with another number of outputs fails as a
 * whole. An `Error` among the outputs fails its item alone.
 */
export async function predictItems(
  pipeline: Pipeline,
  stage: StageDefinition,
  items: readonly BatchItem<PreparedInput>[],
): Promise<Outcomes> {
  return (await predictOnce(pipeline, stage, items)) ?? predictParts(pipeline, stage, items);
}

/** @returns `undefined` when the items have to be tried in parts */
async function predictOnce(
  pipeline: Pipeline,
  stage: StageDefinition,
  items: readonly BatchItem<PreparedInput>[],
): Promise<Outcomes | undefined> {
  let outputs: readonly unknown[];
  try {
    outputs = await pipeline.predictBatch(items.map(({ value }) => value));
  } catch (error) {
    // What is no RunwrightError is a fault of ours.
    if (!RunwrightError.is(error)) throw error;
    if (items.length > 1 && error.code === 'RW_STAGE_FAILED') return undefined;
    return items.map(() => ({ ok: false, error }));
  }
  return outputs.map((output) =>
    isError(output) ? { ok: false, error: stageError(stage, output) } : { ok: true, value: output },
  );
}

/** What failed as a whole. */
async function predictParts(
  pipeline: Pipeline,
  stage: StageDefinition,
  items: readonly BatchItem<PreparedInput>[],
): Promise<Outcomes> {
  const half = Math.ceil(items.length / 2);
  const halves = [items.slice(0, half), items.slice(half)] as const;
  const first = await predictLive(pipeline, stage, halves[0]);
  const second = await predictLive(pipeline, stage, halves[1]);
  if (first !== undefined || second !== undefined) {
    return [
      ...(first ?? (await predictParts(pipeline, stage, halves[0]))),
      ...(second ?? (await predictParts(pipeline, stage, halves[1]))),
    ];
  }
  // Several are bad, or the model is broken: halving on would cost up to twice as many calls as there are items.
  const outcomes: RunOutcome<unknown>[] = [];
  for (const item of items) outcomes.push(...((await predictLive(pipeline, stage, [item])) ?? []));
  return outcomes;
}

/** What is still waited for: callers may have left while the whole batch was tried. */
async function predictLive(
  pipeline: Pipeline,
  stage: StageDefinition,
  items: readonly BatchItem<PreparedInput>[],
): Promise<Outcomes | undefined> {
  const live = items.filter(({ cancellation }) => !cancellation.aborted);
  const outcomes = live.length === 0 ? [] : await predictOnce(pipeline, stage, live);
  return (
    outcomes &&
    items.map((item) => {
      const outcome = outcomes[live.indexOf(item)];
      return outcome ?? { ok: false, error: stoppedError(stage.where, item.cancellation.reason) };
    })
  );
}
