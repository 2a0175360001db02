import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageCalls } from '../lifecycle/bindStages';
import type { LocalRunnerHandle } from '../lifecycle/LocalRunnerHandle';
import type { ModelSources } from '../lifecycle/openModel';
import { Pipeline } from '../lifecycle/Pipeline';
import { RequestContext } from '../lifecycle/RequestContext';
import type {
  HandleState,
  RunManyOptions,
  RunnerHandle,
  RunOptions,
  RunOutcome,
} from '../lifecycle/RunnerHandle';
import { saveModel } from '../lifecycle/saveModel';
import { watchCaller } from '../lifecycle/watchCaller';
import type { Logger, Props } from '../metadata/contexts';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import type { StageRecord } from './StageRecord';
import type { StageRecorder } from './StageRecorder';

interface TestSources extends ModelSources {
  readonly calls: StageCalls;
  readonly logger: Logger;
}

/** A runner under test: a `RunnerHandle` that also runs one stage alone and remembers what went in and out. */
export class TestRunner<I = unknown, O = unknown> implements RunnerHandle<I, O> {
  private loading: Promise<void> | undefined;

  constructor(
    private readonly handle: LocalRunnerHandle<I, O>,
    private readonly recorder: StageRecorder,
    private readonly sources: TestSources,
  ) {}

  get definition(): RunnerDefinition {
    return this.handle.definition;
  }

  get state(): HandleState {
    return this.handle.state;
  }

  /** Every call of a stage so far, in the order in which they ended. */
  get records(): readonly StageRecord[] {
    return this.recorder.records;
  }

  clearRecords(): void {
    this.recorder.clear();
  }

  async run(input: I, options?: RunOptions): Promise<O> {
    await this.load();
    return this.handle.run(input, options);
  }

  async runMany(inputs: readonly I[], options?: RunManyOptions): Promise<RunOutcome<O>[]> {
    await this.load();
    return this.handle.runMany(inputs, options);
  }

  async *stream(input: I, options?: RunOptions): AsyncGenerator<O, void, undefined> {
    await this.load();
    yield* this.handle.stream(input, options);
  }

  async close(): Promise<void> {
    await this.loading?.catch(() => undefined);
    return this.handle.close();
  }

  /** Loads the model as production does, once; `run` and its kin do it when they need it. */
  load(): Promise<void> {
    return (this.loading ??= this.handle.load(this.sources));
  }

  /**
   * `@Save` alone, or the default saver.
   *
   * @param directory an existing, empty folder; a new one under the system's temporary folder by default
   * @returns where the files are, and the props (`null` without `@Save`)
   */
  async save(model: unknown, directory?: string): Promise<{ directory: string; props: Props | null }> {
    const target = directory ?? (await mkdtemp(join(tmpdir(), 'runwright-test-')));
    const { calls, logger } = this.sources;
    return {
      directory: target,
      props: await saveModel(this.definition, calls, model, { directory: target, logger }),
    };
  }

  /** Validation of the input, then `@Preprocess`, alone. */
  preprocess(data: unknown, options?: RunOptions): Promise<unknown> {
    return this.within(options, (context) => this.pipeline(undefined).toModelInput(data, context));
  }

  /** `@Predict` alone: an array in and out where it is batched, an array of all items where it streams. */
  async predict(modelInput: unknown, options?: RunOptions): Promise<unknown> {
    const { model } = this.sources;
    const pipeline = this.pipeline(model === undefined ? await this.loadedModel() : model);
    return this.within(options, async (context) => {
      if (this.definition.batch) {
        const inputs = modelInput as readonly unknown[];
        return pipeline.predictBatch(inputs.map((input) => ({ modelInput: input, context })));
      }
      if (!this.definition.stream) return pipeline.predict(modelInput, context);
      const iterator = await pipeline.predictStream(modelInput, context);
      const items: unknown[] = [];
      for (let next = await pipeline.nextItem(iterator, context); !next.done;) {
        items.push(next.value);
        next = await pipeline.nextItem(iterator, context);
      }
      return items;
    });
  }

  /** `@Postprocess`, then validation of the output, alone. */
  postprocess(modelOutput: unknown, options?: RunOptions): Promise<unknown> {
    return this.within(options, (context) => this.pipeline(undefined).toOutput(modelOutput, context));
  }

  private async loadedModel(): Promise<unknown> {
    await this.load();
    return this.handle.loadedModel;
  }

  private pipeline(model: unknown): Pipeline {
    return new Pipeline(this.definition, this.sources.calls, model);
  }

  private async within<T>(
    options: RunOptions | undefined,
    work: (context: RequestContext) => T | Promise<T>,
  ): Promise<T> {
    const caller = options && watchCaller(options, this.definition.className);
    try {
      return await work(new RequestContext(this.sources.logger, options?.requestId, caller?.cancellation));
    } finally {
      caller?.stop();
    }
  }
}
