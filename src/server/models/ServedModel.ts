import { BatchQueue } from '../../batching/BatchQueue';
import type { Cancellation } from '../../batching/Cancellation';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HandleState, RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { Logger } from '../../metadata/contexts';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import { isExchangeHandle } from '../exchange/ExchangeHandle';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { answerCall, type ServedCall } from './answerCall';

export interface ServedExchangeOptions {
  /** Fires when the caller has left. */
  readonly cancellation: Cancellation;
  readonly requestId: string;
  /** When the answer is of no use any more, by `performance.now()`; absent for no limit. */
  readonly deadline: number | undefined;
}

export interface ServedModelSettings {
  readonly name: string;
  readonly version: string | undefined;
  readonly queue: number;
  readonly concurrency: number | undefined;
  readonly timeout: number | undefined;
  readonly sendTimeout: number;
  readonly logger: Logger;
}

const INLINE_CONCURRENCY = 64;
/** Milliseconds. */
const LONG_TURN = 2;

/** A model behind a bounded queue: what a door hands in is answered once, in the order of arrival. */
export class ServedModel {
  readonly name: string;
  /** As it stands in URLs. */
  readonly version: string | undefined;
  /** Milliseconds that every request has, unless it asks for less. */
  readonly timeout: number | undefined;
  /** Milliseconds for which a client may take nothing of a stream; 0 for no limit. */
  readonly sendTimeout: number;
  /** Requests that may be inside: with the runner, waiting, or still arriving. */
  readonly #room: number;
  readonly #queue: BatchQueue<ServedCall, ExchangeAnswer>;
  #arriving = 0;
  #successor: ServedModel | undefined;

  constructor(
    readonly handle: RunnerHandle,
    {
      name,
      version,
      queue,
      concurrency = concurrencyOf(handle),
      timeout,
      sendTimeout,
      logger,
    }: ServedModelSettings,
  ) {
    this.name = name;
    this.version = version;
    this.timeout = timeout;
    this.sendTimeout = sendTimeout;
    this.#room = queue + concurrency;
    this.#queue = new BatchQueue({
      where: name,
      maxSize: 1,
      maxWaiting: queue,
      concurrency,
      // A model in this thread may block it.
      turnLimit: isExchangeHandle(handle) || handle.definition.batch ? undefined : LONG_TURN,
      run: async (items) => {
        // Batches of one: what arrives together is gathered where the runner is.
        const [{ value: call, cancellation }] = items as [(typeof items)[number]];
        return [{ ok: true, value: await answerCall(handle, call, { cancellation, name, logger }) }];
      },
    });
  }

  get description(): RunnerDescription {
    return this.handle.definition;
  }

  get state(): HandleState {
    return this.handle.state;
  }

  get ready(): boolean {
    return this.handle.state === 'ready';
  }

  /** True when `expect` would refuse. */
  get full(): boolean {
    const { waiting, running } = this.#queue;
    return waiting + running + this.#arriving >= this.#room;
  }

  /**
   * Keeps room for a request before any of its body is read.
   *
   * @returns to be called when the body is there, or will not come
   * @throws RunwrightError RW_QUEUE_FULL
   */
  expect(): () => void {
    if (this.full) {
      throw new RunwrightError('RW_QUEUE_FULL', {
        where: this.name,
        what: `${this.#queue.waiting + this.#arriving} requests wait for the model already, or are arriving`,
        hint: 'Try again later, serve with more workers, or give the model a longer `queue`',
      });
    }
    this.#arriving += 1;
    let arriving = true;
    return () => {
      if (arriving) this.#arriving -= 1;
      arriving = false;
    };
  }

  /** Seconds after which a refused caller should try again, from how fast the model answers now. */
  get retryAfter(): number {
    return this.#queue.retryAfter();
  }

  /**
   * @throws RunwrightError RW_QUEUE_FULL, RW_DEADLINE, RW_ABORTED, RW_HANDLE_STATE, RW_WORKER_FAILED; every other failure is an
   *   answer
   */
  exchange(request: ExchangeRequest, options: ServedExchangeOptions): Promise<ExchangeAnswer> {
    if (this.#successor !== undefined) return this.#successor.exchange(request, options);
    const { cancellation, requestId, deadline } = options;
    const timeout = deadline === undefined ? undefined : Math.ceil(deadline - performance.now());
    if (!this.description.stream) {
      const call = { request, requestId, deadline, deliver: ignore };
      return this.#queue.add(call, { cancellation, timeout });
    }
    return new Promise((resolve, reject) => {
      const call = { request, requestId, deadline, deliver: resolve };
      this.#queue.add(call, { cancellation, timeout }).then(resolve, reject);
    });
  }

  /** What arrives for this model from now on is for another one of its name; whoever streams cannot stand for one that does not. */
  replaceBy(successor: ServedModel): void {
    if (successor.description.stream === this.description.stream) this.#successor = successor;
  }

  /** Resolves when everything inside has its answer; nothing more is taken. */
  close(): Promise<void> {
    return this.#queue.close();
  }
}

const ignore = (): void => undefined;

function concurrencyOf(handle: RunnerHandle): number {
  if (isExchangeHandle(handle)) return handle.capacity;
  const { batch } = handle.definition;
  return batch === undefined ? INLINE_CONCURRENCY : 2 * batch.maxSize;
}
