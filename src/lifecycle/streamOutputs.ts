import { abortedError } from './abortedError';
import { onAbort } from './onAbort';
import type { Pipeline } from './Pipeline';
import { raceAbort } from './raceAbort';
import { RequestContext } from './RequestContext';
import type { RunOptions } from './RunnerHandle';
import type { Logger } from '../metadata/contexts';

interface StreamOptions extends RunOptions {
  readonly logger: Logger;
  readonly where: string;
  /** Called once, when the last stage has ended, which may be after the consumer got its answer. */
  readonly onEnd: () => void;
}

/**
 * The postprocessed, validated items of one streamed prediction. A consumer that leaves, or whose signal fires, fires the
 * stages' signal, and the user's generator is returned.
 */
export async function* streamOutputs(
  pipeline: Pipeline,
  input: unknown,
  { signal: outer, requestId, logger, where, onEnd }: StreamOptions,
): AsyncGenerator<unknown, void, undefined> {
  const controller = new AbortController();
  const { signal } = controller;
  const context = new RequestContext(logger, { signal, requestId });
  let iterator: Iteration | undefined;
  let step: Promise<unknown> = Promise.resolve();
  const race = <T>(work: Promise<T>): Promise<T> => {
    step = work;
    return raceAbort(work, signal, where);
  };
  let ended: Promise<void> | undefined;
  const finish = (): Promise<void> => (ended ??= end(step, () => iterator).then(onEnd));
  // Also between two items, when nobody asks for the next one: a consumer that fires its signal and walks away has left.
  const stop = outer
    ? onAbort(outer, () => {
        controller.abort(outer.reason);
        void finish();
      })
    : undefined;
  try {
    if (outer?.aborted) throw abortedError(where, outer);
    const modelInput = await race(pipeline.toModelInput(input, context));
    await race(pipeline.predictStream(modelInput, context).then((opened) => (iterator = opened)));
    while (iterator) {
      const result = await race(pipeline.nextItem(iterator, context));
      if (result.done) return (iterator = undefined);
      yield await race(pipeline.toOutput(result.value, context));
    }
  } finally {
    stop?.();
    controller.abort();
    const done = finish();
    // Whoever fired the signal waits for nothing more; whoever left the loop may rely on the generator's clean-up.
    if (!outer?.aborted) await done;
  }
}

type Iteration = AsyncIterator<unknown> | Iterator<unknown>;

/** Never rejects: the consumer has its answer or has left, so a fault of the clean-up has nobody to go to. */
async function end(step: Promise<unknown>, iterator: () => Iteration | undefined): Promise<void> {
  await Promise.allSettled([step]);
  await Promise.allSettled([(async () => iterator()?.return?.())()]);
}
