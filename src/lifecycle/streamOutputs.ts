import { Cancellation } from '../batching/Cancellation';
import { stoppedError } from '../batching/stoppedError';
import type { Logger } from '../metadata/contexts';
import type { Pipeline } from './Pipeline';
import { raceCancellation } from './raceCancellation';
import { RequestContext } from './RequestContext';

interface StreamOptions {
  /** Fires when the consumer has left without leaving the loop. */
  readonly cancellation: Cancellation | undefined;
  readonly requestId: string | undefined;
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
  { cancellation: outer, requestId, logger, where, onEnd }: StreamOptions,
): AsyncGenerator<unknown, void, undefined> {
  const own = new Cancellation();
  const context = new RequestContext(logger, requestId, own);
  let iterator: Iteration | undefined;
  let step: Promise<unknown> = Promise.resolve();
  const race = <T>(work: Promise<T>): Promise<T> => {
    step = work;
    return raceCancellation(work, own, where);
  };
  let ended: Promise<void> | undefined;
  const finish = (): Promise<void> => (ended ??= end(step, () => iterator).then(onEnd));
  // Also between two items, when nobody asks for the next one: a consumer that fires its signal and walks away has left.
  const stop = outer?.onAbort(() => {
    own.abort(outer.reason);
    void finish();
  });
  try {
    if (outer?.aborted) throw stoppedError(where, outer.reason);
    const modelInput = await race(Promise.resolve(pipeline.toModelInput(input, context)));
    await race(pipeline.predictStream(modelInput, context).then((opened) => (iterator = opened)));
    while (iterator) {
      const result = await race(pipeline.nextItem(iterator, context));
      if (result.done) return (iterator = undefined);
      yield await race(Promise.resolve(pipeline.toOutput(result.value, context)));
    }
  } finally {
    stop?.();
    own.abort(undefined);
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
