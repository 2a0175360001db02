import { abortedError } from './abortedError';
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
  const forward = (): void => controller.abort(outer?.reason);
  const context = new RequestContext(logger, { signal, requestId });
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  let step: Promise<unknown> = Promise.resolve();
  const race = <T>(work: Promise<T>): Promise<T> => {
    step = work;
    return raceAbort(work, signal, where);
  };
  try {
    if (outer?.aborted) throw abortedError(where, outer);
    outer?.addEventListener('abort', forward, { once: true });
    const modelInput = await race(pipeline.toModelInput(input, context));
    iterator = await race(pipeline.predictStream(modelInput, context));
    for (;;) {
      const result = await race(pipeline.nextItem(iterator, context));
      if (result.done) {
        iterator = undefined;
        return;
      }
      yield await race(pipeline.toOutput(result.value, context));
    }
  } finally {
    outer?.removeEventListener('abort', forward);
    controller.abort();
    const ended = end(step, iterator).then(onEnd);
    // Whoever fired the signal waits for nothing more; whoever left the loop may rely on the generator's clean-up.
    if (!outer?.aborted) await ended;
  }
}

/** Never rejects: the consumer has its answer or has left, so a fault of the clean-up has nobody to go to. */
async function end(
  step: Promise<unknown>,
  iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined,
): Promise<void> {
  await Promise.allSettled([step]);
  await Promise.allSettled([(async () => iterator?.return?.())()]);
}
