import type { Cancellation } from '../batching/Cancellation';
import type { ErrorCode } from '../errors/errorCodes';
import { RunwrightError } from '../errors/RunwrightError';
import type { CallOptions } from '../lifecycle/CallOptions';
import { checkRunOptions } from '../lifecycle/checkRunOptions';
import type { HandleState, ModelIdentity, RunManyOptions, RunOutcome } from '../lifecycle/RunnerHandle';
import { watchCaller, type Caller } from '../lifecycle/watchCaller';
import type { RunnerDescription } from '../scanner/RunnerDefinition';
import type { ExchangeAnswer } from '../server/exchange/ExchangeAnswer';
import type { ExchangeHandle, ExchangeOptions } from '../server/exchange/ExchangeHandle';
import type { ExchangeRequest } from '../server/exchange/ExchangeRequest';
import type { Reply } from './pool/WorkerCall';
import type { WorkerPool } from './pool/WorkerPool';
import type { WorkerState } from './pool/WorkerState';
import { KIND } from './transport/Message';
import { decodeValue } from './wire/decodeValue';
import { encodeData } from './wire/encodeData';
import { fromWireAnswer } from './wire/WireAnswer';
import { fromWireError } from './wire/WireError';
import type { WireOutcome } from './wire/WireOutcome';
import { toWireRequest } from './wire/WireRequest';

/** A runner in threads or processes of its own. Made by `startWorkers`. */
export class WorkerHandle<I = unknown, O = unknown> implements ExchangeHandle {
  constructor(
    readonly definition: RunnerDescription,
    private readonly pool: WorkerPool,
    readonly model?: ModelIdentity,
  ) {}

  get state(): HandleState {
    return this.pool.state;
  }

  get capacity(): number {
    return this.pool.capacity;
  }

  /** Every worker, as it is now. */
  workerStates(): readonly WorkerState[] {
    return this.pool.workerStates();
  }

  /** The body is given away: its memory may be moved to the worker. */
  async exchange(request: ExchangeRequest, options: ExchangeOptions): Promise<ExchangeAnswer> {
    const { cancellation, requestId, timeout } = options;
    const message = toWireRequest(this.pool.nextId(), request, requestId, timeout);
    return fromWireAnswer(await this.pool.call(message, { cancellation, timeout }));
  }

  async run(input: I, options?: CallOptions): Promise<O> {
    const { body } = await this.unary(KIND.run, input, options);
    return decodeValue(body) as O;
  }

  async runMany(inputs: readonly I[], options?: RunManyOptions & CallOptions): Promise<RunOutcome<O>[]> {
    try {
      const { body } = await this.unary(KIND.runMany, inputs, options);
      return (decodeValue(body) as WireOutcome[]).map((outcome) =>
        outcome.ok
          ? { ok: true, value: decodeValue(outcome.value) as O }
          : { ok: false, error: fromWireError(outcome.error) as RunwrightError },
      );
    } catch (error) {
      if (!RunwrightError.is(error) || !OUTCOMES.has(error.code)) throw error;
      return Array.from(inputs, () => ({ ok: false, error }));
    }
  }

  async *stream(input: I, options: CallOptions = {}): AsyncGenerator<O, void, undefined> {
    checkRunOptions(options, this.definition.className);
    const caller = this.watch(options);
    try {
      const { items = [] } = await this.send(KIND.stream, input, options, caller?.cancellation);
      for await (const item of items) yield decodeValue(item) as O;
    } finally {
      caller?.stop();
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async unary(
    kind: typeof KIND.run | typeof KIND.runMany,
    input: unknown,
    options: (RunManyOptions & CallOptions) | undefined,
  ): Promise<Reply> {
    checkRunOptions(options, this.definition.className);
    const caller = options && this.watch(options);
    try {
      return await this.send(kind, input, options, caller?.cancellation);
    } finally {
      caller?.stop();
    }
  }

  /** Deadlines are the pool's: it ends what goes on after them. */
  private watch({ signal, cancellation }: CallOptions): Caller | undefined {
    return watchCaller({ signal, cancellation }, this.definition.className);
  }

  private send(
    kind: typeof KIND.run | typeof KIND.runMany | typeof KIND.stream,
    input: unknown,
    { requestId, timeout, concurrency }: RunManyOptions = {},
    cancellation: Cancellation | undefined,
  ): Promise<Reply> {
    const meta = JSON.stringify({ requestId, timeout, concurrency });
    const body = encodeData('input', input, this.definition.className);
    const message = { kind, id: this.pool.nextId(), meta, body, owned: true };
    return this.pool.call(message, { cancellation, timeout });
  }
}

/** Faults of one call of many, which are its outcomes; others are faults of the call. */
const OUTCOMES: ReadonlySet<ErrorCode> = new Set(['RW_ABORTED', 'RW_DEADLINE', 'RW_WORKER_FAILED']);
