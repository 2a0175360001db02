import type { BatchQueue } from '../batching/BatchQueue';
import type { Cancellation } from '../batching/Cancellation';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { Logger } from '../metadata/contexts';
import { isTensorModel } from '../models/tensor/isTensorModel';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import type { StageCalls } from './bindStages';
import type { CallOptions } from './CallOptions';
import { checkRunOptions } from './checkRunOptions';
import { DirectPath } from './DirectPath';
import { openModel, type ModelSources } from './openModel';
import { Pipeline } from './Pipeline';
import type { PreparedInput } from './PreparedInput';
import { raceCancellation } from './raceCancellation';
import { RequestContext } from './RequestContext';
import { runConcurrently } from './runConcurrently';
import type { HandleState, ModelIdentity, RunManyOptions, RunnerHandle, RunOutcome } from './RunnerHandle';
import { stageError } from './stageError';
import { streamOutputs } from './streamOutputs';
import { toOutcome } from './toOutcome';
import { watchCaller } from './watchCaller';
import type { WorkTracker } from './WorkTracker';

const DEFAULT_CONCURRENCY = 8;

/** A runner in this process. Made in state `created`; `load()` makes it `ready`. */
export class LocalRunnerHandle<I = unknown, O = unknown> implements RunnerHandle<I, O> {
  private current: HandleState = 'created';
  private instance: unknown;
  /** True for a model instance that nobody but this handle knows. */
  private ownsInstance = false;
  private pipeline: Pipeline | undefined;
  /** Where predict takes many inputs: what gathers them. */
  private batches: BatchQueue<PreparedInput, unknown> | undefined;
  private direct: DirectPath | undefined;
  private running = 0;
  private onIdle: (() => void) | undefined;
  private closed: Promise<void> | undefined;

  constructor(
    readonly definition: RunnerDefinition,
    private readonly calls: StageCalls,
    private readonly logger: Logger,
    readonly model?: ModelIdentity,
  ) {}

  get state(): HandleState {
    return this.current;
  }

  /** The model instance, while the handle is ready. */
  get loadedModel(): unknown {
    return this.instance;
  }

  async load(sources: ModelSources): Promise<void> {
    if (this.current !== 'created') throw this.wrongState('loaded');
    this.current = 'loading';
    try {
      this.instance = await openModel(this.definition, this.calls, sources, this.logger);
      this.ownsInstance = sources.model === undefined;
      const pipeline = new Pipeline(this.definition, this.calls, this.instance);
      if (sources.warmUp) {
        const { warmUp } = await import('./warmUp.js');
        await warmUp(pipeline, this.definition, sources.warmUp, this.logger);
      }
      const { batch } = this.definition;
      if (batch) {
        const { openBatchQueue } = await import('./openBatchQueue.js');
        this.batches = openBatchQueue(pipeline, this.definition, batch);
        this.direct = DirectPath.find(this.calls.direct, this.instance, {
          pipeline,
          batches: this.batches,
          newContext: () => new RequestContext(this.logger),
        });
      }
      this.pipeline = pipeline;
      this.current = 'ready';
    } catch (error) {
      this.current = 'failed';
      await this.releaseInstance();
      throw error;
    }
  }

  run(input: I, options?: CallOptions): Promise<O> {
    if (options === undefined) {
      const direct = this.direct?.run(input);
      if (direct !== undefined) return direct as Promise<O>;
    }
    let pipeline: Pipeline;
    try {
      pipeline = this.enter('run', options);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what enter() threw
      return Promise.reject(error);
    }
    const { className } = this.definition;
    const caller = options && watchCaller(options, className);
    const context = new RequestContext(this.logger, options?.requestId, caller?.cancellation);
    const work = this.throughStages(pipeline, input, context, options?.tracker) as Promise<O>;
    if (!caller) return work;
    return raceCancellation(work, caller.cancellation, className).finally(() => caller.stop());
  }

  async runMany(inputs: readonly I[], options: RunManyOptions & CallOptions = {}): Promise<RunOutcome<O>[]> {
    if (!Array.isArray(inputs)) throw this.notInputs(inputs);
    const pipeline = this.enter('runMany', options);
    const { className } = this.definition;
    const caller = watchCaller(options, className);
    const done: RunOutcome<unknown>[] = [];
    const work = this.runAll(pipeline, inputs, options, caller?.cancellation, done);
    if (!caller) return (await work) as RunOutcome<O>[];
    try {
      const all = await toOutcome(raceCancellation(work, caller.cancellation, className));
      // What was answered before the signal fired stays answered.
      return Array.from(inputs, (_, index) => done[index] ?? (all as RunOutcome<never>)) as RunOutcome<O>[];
    } finally {
      caller.stop();
    }
  }

  async *stream(input: I, options: CallOptions = {}): AsyncGenerator<O, void, undefined> {
    const pipeline = this.enter('stream', options);
    const { className } = this.definition;
    const caller = watchCaller(options, className);
    try {
      yield* streamOutputs(pipeline, input, {
        cancellation: caller?.cancellation,
        requestId: options.requestId,
        logger: this.logger,
        where: className,
        onEnd: () => this.leave(options.tracker),
      }) as AsyncGenerator<O, void, undefined>;
    } finally {
      caller?.stop();
    }
  }

  close(): Promise<void> {
    return (this.closed ??= this.shutDown());
  }

  /** @param done filled in as the inputs are answered */
  private async runAll(
    pipeline: Pipeline,
    inputs: readonly unknown[],
    { concurrency = DEFAULT_CONCURRENCY, requestId, tracker }: RunManyOptions & CallOptions,
    cancellation: Cancellation | undefined,
    done: RunOutcome<unknown>[],
  ): Promise<RunOutcome<unknown>[]> {
    const { batch } = this.definition;
    // While one batch runs, the next one gathers.
    const limit = batch ? Math.max(concurrency, 2 * batch.maxSize) : concurrency;
    // Not map(), which passes over the holes of an array.
    const contexts = Array.from(inputs, () => new RequestContext(this.logger, requestId, cancellation));
    const work = (context: RequestContext, index: number) => {
      this.begin(tracker);
      return toOutcome(this.throughStages(pipeline, inputs[index], context, tracker));
    };
    try {
      return await runConcurrently(contexts, limit, work, done);
    } finally {
      this.leave(tracker);
    }
  }

  /** What has begun ends here. */
  private async throughStages(
    pipeline: Pipeline,
    input: unknown,
    context: RequestContext,
    tracker: WorkTracker | undefined,
  ): Promise<unknown> {
    try {
      const made = pipeline.toModelInput(input, context);
      // Awaiting what is there already costs a round of the promises all the same.
      const modelInput = made instanceof Promise ? ((await made) as unknown) : made;
      const { batches } = this;
      let output: unknown;
      if (batches === undefined) output = await pipeline.predict(modelInput, context);
      else if (!batches.beginAlone()) output = await batches.add({ modelInput, context, tracker }, context);
      else {
        try {
          output = await pipeline.predictAlone(modelInput, context);
        } finally {
          batches.endAlone();
        }
      }
      const given = pipeline.toOutput(output, context);
      return given instanceof Promise ? ((await given) as unknown) : given;
    } finally {
      this.leave(tracker);
    }
  }

  private enter(
    call: 'run' | 'runMany' | 'stream',
    options: (RunManyOptions & CallOptions) | undefined,
  ): Pipeline {
    checkRunOptions(options, this.definition.className);
    if (this.current !== 'ready' || !this.pipeline) throw this.wrongState('run');
    if ((call === 'stream') !== this.definition.stream) {
      const { className, stream } = this.definition;
      throw new RunwrightError('RW_STREAM_MISMATCH', {
        where: className,
        what: stream
          ? `the runner streams, and ${call}() was called`
          : 'the runner does not stream, and stream() was called',
        hint: stream
          ? 'Use `for await (const item of handle.stream(input))`'
          : 'Use `await handle.run(input)`',
      });
    }
    this.begin(options?.tracker);
    return this.pipeline;
  }

  private begin(tracker: WorkTracker | undefined): void {
    this.running += 1;
    tracker?.begin();
  }

  private leave(tracker: WorkTracker | undefined): void {
    this.running -= 1;
    tracker?.end();
    if (this.running === 0) this.onIdle?.();
  }

  private async shutDown(): Promise<void> {
    if (this.current === 'failed') return;
    if (this.current === 'loading') {
      this.closed = undefined;
      throw this.wrongState('closed');
    }
    const loaded = this.current === 'ready';
    this.direct = undefined;
    this.current = 'closing';
    if (this.running > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    // Predict may still be at work for callers that have left.
    await this.batches?.close();
    const { dispose } = this.definition.stages;
    if (loaded && dispose && this.calls.dispose) {
      try {
        await this.calls.dispose(this.instance);
      } catch (cause) {
        this.current = 'failed';
        throw stageError(dispose, cause);
      }
    }
    await this.releaseInstance();
    this.instance = undefined;
    this.pipeline = undefined;
    this.current = 'closed';
  }

  /** A session or a process that this handle opened is freed whether the runner disposes of it or not. */
  private async releaseInstance(): Promise<void> {
    if (this.ownsInstance && isTensorModel(this.instance)) await this.instance.release();
  }

  private notInputs(inputs: unknown): RunwrightError {
    return new RunwrightError('RW_OPTION_INVALID', {
      where: `${this.definition.className}, inputs of runMany()`,
      what: `an array is expected, received ${describeType(inputs)}`,
      hint: 'Pass an array with one element for each input',
    });
  }

  private wrongState(wish: string): RunwrightError {
    return new RunwrightError('RW_HANDLE_STATE', {
      where: this.definition.className,
      what: `the handle is ${this.current} and cannot be ${wish}`,
      hint: 'A handle takes input between createRunner() and close(); make a new one',
    });
  }
}
