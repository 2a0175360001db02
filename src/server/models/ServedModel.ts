import { BatchQueue } from '../../batching/BatchQueue';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HandleState, RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { Logger } from '../../metadata/contexts';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import { answerExchange } from '../answerExchange';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import { isExchangeHandle, type ExchangeOptions } from '../exchange/ExchangeHandle';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { openStream } from './openStream';

/** A request that is inside. */
interface Call {
  readonly request: ExchangeRequest;
  readonly requestId: string;
  /** When its time is over, by `performance.now()`. */
  readonly deadline: number | undefined;
  /** Gives a streamed answer to the caller, while the call goes on until the stream has ended. */
  readonly deliver: (answer: ExchangeAnswer) => void;
}

export interface ServedModelSettings {
  readonly name: string;
  readonly version: string | undefined;
  readonly queue: number;
  readonly concurrency: number | undefined;
  readonly timeout: number | undefined;
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
  readonly #queue: BatchQueue<Call, ExchangeAnswer>;

  constructor(
    readonly handle: RunnerHandle,
    { name, version, queue, concurrency, timeout, logger }: ServedModelSettings,
  ) {
    this.name = name;
    this.version = version;
    this.timeout = timeout;
    const run = isExchangeHandle(handle)
      ? (call: Call, options: ExchangeOptions) => handle.exchange(call.request, options)
      : (call: Call, options: ExchangeOptions) => answerExchange(handle, call.request, options, logger);
    this.#queue = new BatchQueue({
      where: name,
      maxSize: 1,
      maxWaiting: queue,
      concurrency: concurrency ?? concurrencyOf(handle),
      // A model in this thread may block it.
      turnLimit: isExchangeHandle(handle) || handle.definition.batch ? undefined : LONG_TURN,
      run: async (items) => {
        // Batches of one: what arrives together is gathered where the runner is.
        const [{ value: call, cancellation }] = items as [(typeof items)[number]];
        const { requestId, deadline } = call;
        const left = deadline === undefined ? undefined : Math.max(deadline - performance.now(), 1);
        const answer = await run(call, {
          cancellation,
          requestId,
          ...(left !== undefined && { timeout: left }),
        });
        if (isStream(answer.body)) {
          const { body, ended } = openStream(answer.body);
          call.deliver({ ...answer, body });
          await ended;
        }
        return [{ ok: true, value: answer }];
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

  /**
   * Refuses a request before any of its body is read.
   *
   * @throws RunwrightError RW_QUEUE_FULL
   */
  refuseWhenFull(): void {
    if (!this.#queue.full) return;
    throw new RunwrightError('RW_QUEUE_FULL', {
      where: this.name,
      what: `${this.#queue.waiting} requests wait for the model already`,
      hint: 'Try again later, serve with more workers, or give the model a longer `queue`',
    });
  }

  /** Seconds after which a refused caller should try again, from how fast the model answers now. */
  get retryAfter(): number {
    return this.#queue.retryAfter();
  }

  /**
   * @throws RunwrightError RW_QUEUE_FULL, RW_DEADLINE, RW_ABORTED, RW_HANDLE_STATE, RW_WORKER_FAILED; every other failure is an
   *   answer
   */
  exchange(
    request: ExchangeRequest,
    { cancellation, requestId, timeout }: ExchangeOptions,
  ): Promise<ExchangeAnswer> {
    const deadline = timeout === undefined ? undefined : performance.now() + timeout;
    if (!this.description.stream) {
      const call = { request, requestId, deadline, deliver: ignore };
      return this.#queue.add(call, { cancellation, timeout });
    }
    return new Promise((resolve, reject) => {
      const call = { request, requestId, deadline, deliver: resolve };
      this.#queue.add(call, { cancellation, timeout }).then(resolve, reject);
    });
  }

  /** Resolves when everything inside has its answer; nothing more is taken. */
  close(): Promise<void> {
    return this.#queue.close();
  }
}

const ignore = (): void => undefined;

function isStream(body: ExchangeAnswer['body']): body is AsyncIterable<string> {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}

function concurrencyOf(handle: RunnerHandle): number {
  if (isExchangeHandle(handle)) return handle.capacity;
  const { batch } = handle.definition;
  return batch === undefined ? INLINE_CONCURRENCY : 2 * batch.maxSize;
}
