import { RunwrightError } from '../errors/RunwrightError';
import { ValidationError } from '../errors/ValidationError';
import type { BatchContext } from '../metadata/contexts';
import type { StageName } from '../metadata/stages';
import type { RunnerDefinition, StageDefinition } from '../scanner/RunnerDefinition';
import { abortedError } from './abortedError';
import type { StageCalls } from './bindStages';
import type { RequestContext } from './RequestContext';
import { stageError } from './stageError';

/** The request path of one runner: validate, preprocess, predict, postprocess, validate. It holds no state. */
export class Pipeline {
  constructor(
    private readonly definition: RunnerDefinition,
    private readonly calls: StageCalls,
    private readonly model: unknown,
  ) {}

  /** From the caller's input to what the model takes. */
  async toModelInput(input: unknown, context: RequestContext): Promise<unknown> {
    const { input: schema } = this.definition;
    let data = input;
    if (schema.kind !== 'unvalidated') {
      const parsed = await schema.parse(input);
      if (!parsed.ok) throw new ValidationError('input', parsed.issues, this.definition.className);
      data = parsed.value;
    }
    if (!this.calls.preprocess) return data;
    return this.guard('preprocess', context, this.calls.preprocess, data, context);
  }

  predict(modelInput: unknown, context: RequestContext): Promise<unknown> {
    return this.guard('predict', context, this.calls.predict, this.model, modelInput, context);
  }

  /** As many outputs as inputs, or an error that names both counts. */
  async predictBatch(
    modelInputs: readonly unknown[],
    contexts: readonly RequestContext[],
  ): Promise<readonly unknown[]> {
    const [first] = contexts;
    if (!first) return [];
    const batch: BatchContext = {
      // Whoever runs a batch gives all of its items one signal, so the first one's is everybody's.
      get signal() {
        return first.signal;
      },
      logger: first.logger,
      items: contexts,
    };
    const outputs: unknown = await this.guard(
      'predict',
      first,
      this.calls.predict,
      this.model,
      modelInputs,
      batch,
    );
    if (Array.isArray(outputs) && outputs.length === modelInputs.length) return outputs as unknown[];
    const received = Array.isArray(outputs) ? `${outputs.length} outputs` : 'something that is not an array';
    throw new RunwrightError('RW_BATCH_COUNT', {
      where: this.definition.stages.predict.where,
      what: `predict got ${modelInputs.length} inputs and returned ${received}`,
      hint: 'A batched predict returns an array with one output for each input, in the same order',
    });
  }

  /** Whatever predict returned, as something that can be iterated. */
  async predictStream(
    modelInput: unknown,
    context: RequestContext,
  ): Promise<AsyncIterator<unknown> | Iterator<unknown>> {
    const output = await this.predict(modelInput, context);
    if (typeof output === 'object' && output !== null) {
      if (Symbol.asyncIterator in output) return (output as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      if (Symbol.iterator in output) return (output as Iterable<unknown>)[Symbol.iterator]();
    }
    throw new RunwrightError('RW_STREAM_MISMATCH', {
      where: this.definition.stages.predict.where,
      what: 'predict is declared as a stream and returned something that cannot be iterated',
      hint: 'Write it as `async *predict(...)`, or return an async iterable',
    });
  }

  /** From what the model returned to the caller's output. */
  async toOutput(modelOutput: unknown, context: RequestContext): Promise<unknown> {
    const { postprocess } = this.calls;
    const output = postprocess
      ? await this.guard('postprocess', context, postprocess, modelOutput, context)
      : modelOutput;
    const { output: schema, stages } = this.definition;
    if (schema.kind === 'unvalidated') return output;
    const parsed = await schema.parse(output);
    if (parsed.ok) return parsed.value;
    throw new ValidationError('output', parsed.issues, (stages.postprocess ?? stages.predict).where);
  }

  /** The next item of a stream, or the failure of predict. */
  async nextItem(
    iterator: AsyncIterator<unknown> | Iterator<unknown>,
    context: RequestContext,
  ): Promise<IteratorResult<unknown>> {
    try {
      return await iterator.next();
    } catch (cause) {
      throw this.failure('predict', context, cause);
    }
  }

  /** A failure of `stage`, or an abort when the caller has left meanwhile. */
  private failure(stage: StageName, context: RequestContext, cause: unknown): RunwrightError {
    const definition = this.definition.stages[stage] as StageDefinition;
    return context.aborted ? abortedError(definition.where, context.signal) : stageError(definition, cause);
  }

  private async guard(
    stage: StageName,
    context: RequestContext,
    call: (...args: unknown[]) => unknown,
    ...args: unknown[]
  ): Promise<unknown> {
    if (context.aborted) {
      throw abortedError((this.definition.stages[stage] as StageDefinition).where, context.signal);
    }
    try {
      return await call(...args);
    } catch (cause) {
      throw this.failure(stage, context, cause);
    }
  }
}
