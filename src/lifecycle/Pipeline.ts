import { stoppedError } from '../batching/stoppedError';
import { RunwrightError } from '../errors/RunwrightError';
import { ValidationError } from '../errors/ValidationError';
import type { StageName } from '../metadata/stages';
import type { RunnerDefinition, StageDefinition } from '../scanner/RunnerDefinition';
import type { ParseResult } from '../schema/Schema';
import { BatchRequestContext } from './BatchRequestContext';
import type { StageCalls } from './bindStages';
import { isError } from './isError';
import type { PreparedInput } from './PreparedInput';
import type { RequestContext } from './RequestContext';
import { stageError } from './stageError';

/** Whether anybody still waits for what a stage makes. */
type Waiting = Pick<RequestContext, 'aborted' | 'reason'>;

/** The request path of one runner: validate, preprocess, predict, postprocess, validate. It holds no state. */
export class Pipeline {
  constructor(
    private readonly definition: RunnerDefinition,
    private readonly calls: StageCalls,
    private readonly model: unknown,
  ) {}

  /** From the caller's input to what the model takes. A promise only where a rule or preprocess takes its time. */
  toModelInput(input: unknown, context: RequestContext): unknown {
    const { input: schema } = this.definition;
    if (schema.kind === 'unvalidated') return this.preprocess(input, context);
    const parsed = schema.parse(input);
    return parsed instanceof Promise
      ? parsed.then((late) => this.preprocess(this.accepted(late), context))
      : this.preprocess(this.accepted(parsed), context);
  }

  predict(modelInput: unknown, context: RequestContext): Promise<unknown> {
    return this.guard('predict', context, this.calls.predict, this.model, modelInput, context);
  }

  /** One input through a batched predict. */
  async predictAlone(modelInput: unknown, context: RequestContext): Promise<unknown> {
    const [output] = await this.callBatch([modelInput], [context]);
    if (isError(output)) throw stageError(this.definition.stages.predict, output);
    return output;
  }

  /** What a failure of predict is to its caller. */
  predictError(context: RequestContext, cause: unknown): RunwrightError {
    return this.failure('predict', context, cause);
  }

  /** As many outputs as inputs, or an error that names both counts. */
  async predictBatch(items: readonly PreparedInput[]): Promise<readonly unknown[]> {
    if (items.length === 0) return [];
    return this.callBatch(
      items.map(({ modelInput }) => modelInput),
      items.map(({ context }) => context),
    );
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

  /** From what the model returned to the caller's output. A promise only where a rule or postprocess takes its time. */
  toOutput(modelOutput: unknown, context: RequestContext): unknown {
    const { postprocess } = this.calls;
    if (!postprocess) return this.checkOutput(modelOutput);
    return this.guard('postprocess', context, postprocess, modelOutput, context).then((output) =>
      this.checkOutput(output),
    );
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

  /** @param contexts at least one, in the order of the inputs */
  private async callBatch(
    modelInputs: readonly unknown[],
    contexts: readonly RequestContext[],
  ): Promise<readonly unknown[]> {
    const [first] = contexts as readonly [RequestContext];
    const batch = new BatchRequestContext(first.logger, contexts);
    if (batch.aborted) throw stoppedError(this.definition.stages.predict.where, batch.reason);
    let outputs: unknown;
    try {
      outputs = await this.calls.predict(this.model, modelInputs, batch);
    } catch (cause) {
      throw this.failure('predict', batch, cause);
    } finally {
      batch.end();
    }
    if (Array.isArray(outputs) && outputs.length === modelInputs.length) return outputs as unknown[];
    throw this.wrongCount(modelInputs.length, outputs);
  }

  private wrongCount(given: number, outputs: unknown): RunwrightError {
    const received = Array.isArray(outputs) ? `${outputs.length} outputs` : 'something that is not an array';
    return new RunwrightError('RW_BATCH_COUNT', {
      where: this.definition.stages.predict.where,
      what: `predict got ${given} inputs and returned ${received}`,
      hint: 'A batched predict returns an array with one output for each input, in the same order',
    });
  }

  private accepted(parsed: ParseResult<unknown>): unknown {
    if (parsed.ok) return parsed.value;
    throw new ValidationError('input', parsed.issues, this.definition.className);
  }

  private preprocess(data: unknown, context: RequestContext): unknown {
    const { preprocess } = this.calls;
    return preprocess ? this.guard('preprocess', context, preprocess, data, context) : data;
  }

  private checkOutput(output: unknown): unknown {
    const { output: schema, stages } = this.definition;
    if (schema.kind === 'unvalidated') return output;
    const given = (parsed: ParseResult<unknown>): unknown => {
      if (parsed.ok) return parsed.value;
      throw new ValidationError('output', parsed.issues, (stages.postprocess ?? stages.predict).where);
    };
    const parsed = schema.parse(output);
    return parsed instanceof Promise ? parsed.then(given) : given(parsed);
  }

  /** A failure of `stage`, or an abort when the caller has left meanwhile. */
  private failure(stage: StageName, context: Waiting, cause: unknown): RunwrightError {
    const definition = this.definition.stages[stage] as StageDefinition;
    if (RunwrightError.is(cause)) {
      const { code } = cause;
      // What preprocess finds wrong with the input is the caller's fault, as what the schema finds.
      if (stage === 'preprocess' && cause instanceof ValidationError && code === 'RW_INPUT_INVALID')
        return cause;
      // A model that works in a process of its own can lose it.
      if (code === 'RW_WORKER_FAILED' || code === 'RW_DEADLINE') return cause;
    }
    return context.aborted ? stoppedError(definition.where, context.reason) : stageError(definition, cause);
  }

  private async guard(
    stage: StageName,
    context: Waiting,
    call: (...args: unknown[]) => unknown,
    ...args: unknown[]
  ): Promise<unknown> {
    if (context.aborted) {
      throw stoppedError((this.definition.stages[stage] as StageDefinition).where, context.reason);
    }
    try {
      return await call(...args);
    } catch (cause) {
      throw this.failure(stage, context, cause);
    }
  }
}
