import { canonicalJson } from '../artifact/canonicalJson';
import type { BatchQueue } from '../batching/BatchQueue';
import type { DirectRun } from '../models/tensor/DirectRun';
import { isTensorModel } from '../models/tensor/isTensorModel';
import type { JudgedTensorModel, TensorRecord } from '../models/tensor/TensorModel';
import type { Pipeline } from './Pipeline';
import type { PreparedInput } from './PreparedInput';
import type { RequestContext } from './RequestContext';

/** The way of a call without options that comes alone, through a runner that offers a short one. */
export class DirectPath {
  private constructor(
    private readonly direct: DirectRun,
    private readonly model: JudgedTensorModel,
    private readonly pipeline: Pipeline,
    private readonly batches: BatchQueue<PreparedInput, unknown>,
  ) {}

  /** `undefined` where the model cannot take what another has judged, or is not the one that the runner was made from. */
  static find(
    direct: DirectRun | undefined,
    model: unknown,
    pipeline: Pipeline,
    batches: BatchQueue<PreparedInput, unknown>,
  ): DirectPath | undefined {
    if (direct === undefined || !isTensorModel(model) || model.runJudged === undefined) return undefined;
    // What it lets through reaches native code.
    if (!canonicalJson(model.signature).equals(canonicalJson(direct.signature))) return undefined;
    return new DirectPath(direct, model as JudgedTensorModel, pipeline, batches);
  }

  /** @returns `undefined` for a call that must go the long way */
  run(input: unknown, context: () => RequestContext): Promise<unknown> | undefined {
    const feeds = this.direct.toFeeds(input);
    if (feeds === undefined || !this.batches.beginAlone()) return undefined;
    return this.finish(feeds as TensorRecord, context);
  }

  private async finish(feeds: TensorRecord, context: () => RequestContext): Promise<unknown> {
    let outputs;
    try {
      outputs = await this.model.runJudged(feeds);
    } catch (cause) {
      throw this.pipeline.predictError(context(), cause);
    } finally {
      this.batches.endAlone();
    }
    return (
      this.direct.toOutput(outputs) ?? (await this.pipeline.toOutput(this.direct.toItem(outputs), context()))
    );
  }
}
