import { canonicalJson } from '../artifact/canonicalJson';
import type { BatchQueue } from '../batching/BatchQueue';
import type { DirectRun, TensorValues } from '../models/tensor/DirectRun';
import { isTensorModel } from '../models/tensor/isTensorModel';
import type { JudgedTensorModel, TensorRecord } from '../models/tensor/TensorModel';
import type { Pipeline } from './Pipeline';
import type { PreparedInput } from './PreparedInput';
import type { RequestContext } from './RequestContext';

/** What a short way needs of its handle. */
export interface DirectPathParts {
  readonly pipeline: Pipeline;
  readonly batches: BatchQueue<PreparedInput, unknown>;
  readonly newContext: () => RequestContext;
}

/** The way of a call without options that comes alone, through a runner that offers a short one. */
export class DirectPath {
  private constructor(
    private readonly direct: DirectRun,
    private readonly model: JudgedTensorModel,
    private readonly parts: DirectPathParts,
  ) {}

  /** `undefined` where the model cannot take what another has judged, or is not the one that the runner was made from. */
  static find(direct: DirectRun | undefined, model: unknown, parts: DirectPathParts): DirectPath | undefined {
    if (direct === undefined || !isTensorModel(model) || model.runJudged === undefined) return undefined;
    // What it lets through reaches native code.
    if (!canonicalJson(model.signature).equals(canonicalJson(direct.signature))) return undefined;
    return new DirectPath(direct, model as JudgedTensorModel, parts);
  }

  /** @returns `undefined` for a call that must go the long way */
  run(input: unknown): Promise<unknown> | undefined {
    const feeds = this.toFeeds(input);
    if (feeds === undefined || !this.parts.batches.beginAlone()) return undefined;
    try {
      return this.model.runJudged(feeds as TensorRecord, this.succeed, this.fail);
    } catch (cause) {
      return Promise.reject(cause as Error).catch(this.fail);
    }
  }

  /** An input that throws when it is looked at is the schema's to judge. */
  private toFeeds(input: unknown): TensorValues | undefined {
    try {
      return this.direct.toFeeds(input);
    } catch {
      return undefined;
    }
  }

  private readonly succeed = (outputs: TensorRecord): unknown => {
    const { batches, pipeline, newContext } = this.parts;
    batches.endAlone();
    const output = this.direct.toOutput(outputs);
    if (output !== undefined) return output;
    const context = newContext();
    let item;
    try {
      item = this.direct.toItem(outputs);
    } catch (cause) {
      throw pipeline.predictError(context, cause);
    }
    return pipeline.toOutput(item, context);
  };

  private readonly fail = (cause: unknown): never => {
    const { batches, pipeline, newContext } = this.parts;
    batches.endAlone();
    throw pipeline.predictError(newContext(), cause);
  };
}
