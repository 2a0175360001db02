import { RunwrightError } from '../errors/RunwrightError';
import { RequestContext } from './RequestContext';
import type { Logger } from '../metadata/contexts';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import type { Pipeline } from './Pipeline';

/**
 * Runs inputs once, one after another, through every stage: the first call of a compiled or native model takes far longer
 * than the later ones, and no caller should wait for that.
 *
 * @throws RunwrightError RW_OPTION_INVALID, with what the runner said of the input as its cause
 */
export async function warmUp(
  pipeline: Pipeline,
  { batch, stream, className }: RunnerDefinition,
  inputs: readonly unknown[],
  logger: Logger,
): Promise<void> {
  for (const [index, input] of inputs.entries()) {
    const context = new RequestContext(logger);
    try {
      const modelInput = await pipeline.toModelInput(input, context);
      if (stream) {
        const items = await pipeline.predictStream(modelInput, context);
        for (
          let next = await pipeline.nextItem(items, context);
          !next.done;
          next = await pipeline.nextItem(items, context)
        ) {
          await pipeline.toOutput(next.value, context);
        }
        continue;
      }
      const modelOutput = batch
        ? (await pipeline.predictBatch([{ modelInput, context }]))[0]
        : await pipeline.predict(modelInput, context);
      await pipeline.toOutput(modelOutput, context);
    } catch (cause) {
      throw new RunwrightError('RW_OPTION_INVALID', {
        where: `${className}, option \`warmUp\``,
        what: `input ${index} failed: ${RunwrightError.is(cause) ? cause.what : String(cause)}`,
        hint: 'Give inputs that the runner answers, as callers would send them',
        cause,
      });
    }
  }
}
