import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { Logger } from '../metadata/contexts';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import type { StageCalls } from './bindStages';
import { checkRunOptions } from './checkRunOptions';
import { openModel, type ModelSources } from './openModel';
import { Pipeline } from './Pipeline';
import { raceAbort } from './raceAbort';
import { RequestContext } from './RequestContext';
import { runBatches } from './runBatches';
import { runConcurrently } from './runConcurrently';
import type {
  HandleState,
  ModelIdentity,
  RunManyOptions,
  RunnerHandle,
  RunOptions,
  RunOutcome,
} from './RunnerHandle';
import { stageError } from './stageError';
import { streamOutputs } from './streamOutputs';
import { toOutcome } from './toOutcome';

const DEFAULT_CONCURRENCY = 8;

/** A runner in this process. Made in state `created`; `load()` makes it `ready`. */
export class LocalRunnerHandle<I = unknown, O = unknown> implements RunnerHandle<I, O> {
  private current: HandleState = 'created';
  private instance: unknown;
  private pipeline: Pipeline | undefined;
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
      this.pipeline = new Pipeline(this.definition, this.calls, this.instance);
      this.current = 'ready';
    } catch (error) {
      this.current = 'failed';
      throw error;
    }
  }

  async run(input: I, options?: RunOptions): Promise<O> {
    const pipeline = this.enter('run', options);
    const signal = options?.signal;
    const work = this.runOne(pipeline, input, new RequestContext(this.logger, options));
    return (await (signal ? raceAbort(work, signal, this.definition.className) : work)) as O;
  }

  async runMany(inputs: readonly I[], options: RunManyOptions = {}): Promise<RunOutcome<O>[]> {
    const { concurrency = DEFAULT_CONCURRENCY, signal } = options;
    if (!Array.isArray(inputs)) throw this.notInputs(inputs);
    const pipeline = this.enter('runMany', options);
    const done: RunOutcome<unknown>[] = [];
    const work = this.runAll(pipeline, inputs, options, concurrency, done);
    if (!signal) return (await work) as RunOutcome<O>[];
    const all = await toOutcome(raceAbort(work, signal, this.definition.className));
    // What was answered before the signal fired stays answered.
    return Array.from(inputs, (_, index) => done[index] ?? (all as RunOutcome<never>)) as RunOutcome<O>[];
  }

  async *stream(input: I, options: RunOptions = {}): AsyncGenerator<O, void, undefined> {
    const pipeline = this.enter('stream', options);
    yield* streamOutputs(pipeline, input, {
      ...options,
      logger: this.logger,
      where: this.definition.className,
      onEnd: () => this.leave(),
    }) as AsyncGenerator<O, void, undefined>;
  }

  close(): Promise<void> {
    return (this.closed ??= this.shutDown());
  }

  private async runOne(pipeline: Pipeline, input: unknown, context: RequestContext): Promise<unknown> {
    try {
      return await this.throughStages(pipeline, input, context);
    } finally {
      this.leave();
    }
  }

  /** @param done filled in as the inputs are answered */
  private async runAll(
    pipeline: Pipeline,
    inputs: readonly unknown[],
    options: RunManyOptions,
    concurrency: number,
    done: RunOutcome<unknown>[],
  ): Promise<RunOutcome<unknown>[]> {
    const { batch } = this.definition;
    // Not map(), which passes over the holes of an array.
    const contexts = Array.from(inputs, () => new RequestContext(this.logger, options));
    try {
      if (batch) return await runBatches(pipeline, inputs, contexts, { ...batch, concurrency }, done);
      const work = (context: RequestContext, index: number) =>
        toOutcome(this.throughStages(pipeline, inputs[index], context));
      return await runConcurrently(contexts, concurrency, work, done);
    } finally {
      this.leave();
    }
  }

  private async throughStages(pipeline: Pipeline, input: unknown, context: RequestContext): Promise<unknown> {
    const modelInput = await pipeline.toModelInput(input, context);
    const modelOutput = this.definition.batch
      ? (await pipeline.predictBatch([modelInput], [context]))[0]
      : await pipeline.predict(modelInput, context);
    return pipeline.toOutput(modelOutput, context);
  }

  private enter(call: 'run' | 'runMany' | 'stream', options: RunManyOptions | undefined): Pipeline {
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
    this.running += 1;
    return this.pipeline;
  }

  private leave(): void {
    this.running -= 1;
    if (this.running === 0) this.onIdle?.();
  }

  private async shutDown(): Promise<void> {
    if (this.current === 'failed') return;
    if (this.current === 'loading') {
      this.closed = undefined;
      throw this.wrongState('closed');
    }
    const loaded = this.current === 'ready';
    this.current = 'closing';
    if (this.running > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    const { dispose } = this.definition.stages;
    if (loaded && dispose && this.calls.dispose) {
      try {
        await this.calls.dispose(this.instance);
      } catch (cause) {
        this.current = 'failed';
        throw stageError(dispose, cause);
      }
    }
    this.instance = undefined;
    this.pipeline = undefined;
    this.current = 'closed';
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
