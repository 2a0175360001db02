import { bufferOf } from '../../artifact/bufferOf';
import type { CallOptions } from '../../lifecycle/CallOptions';
import type { RunManyOptions, RunnerHandle } from '../../lifecycle/RunnerHandle';
import { silentLogger } from '../../lifecycle/silentLogger';
import type { Logger } from '../../metadata/contexts';
import { answerExchange } from '../../server/answerExchange';
import type { ExchangeAnswer } from '../../server/exchange/ExchangeAnswer';
import { MEMORY_INTERVAL } from '../pool/watchMemory';
import type { Channel } from '../transport/Channel';
import { KIND, type Message, type ReceivedMessage } from '../transport/Message';
import { decodeValue } from '../wire/decodeValue';
import { encodeData } from '../wire/encodeData';
import { toWireAnswer } from '../wire/WireAnswer';
import { tooLongError } from '../wire/tooLongError';
import { hasOwnRuns, toWireDescription } from '../wire/WireDescription';
import { fromWireError, toWireError, type WireError } from '../wire/WireError';
import { fromWireRequest } from '../wire/WireRequest';
import type { WireOutcome } from '../wire/WireOutcome';
import { channelLogger } from './channelLogger';
import { RunningCall } from './RunningCall';
import { RunLine } from './RunLine';
import { RunPace } from './RunPace';

/** What a worker is told first. */
export interface Opening {
  /** For the program of the worker; JSON. */
  readonly spec: unknown;
  readonly threads: number;
  /** False when the parent's logger is silent. */
  readonly logs: boolean;
  /** Whether the parent wants to be told how much memory this process takes. */
  readonly reportsMemory: boolean;
}

/** Loads the runner that a spec describes. */
export type OpenRunner = (
  spec: unknown,
  options: { readonly logger: Logger; readonly threads: number },
) => Promise<RunnerHandle>;

/** The worker's half: it loads one runner, and answers what comes over the channel. */
export class WorkerSession {
  readonly #calls = new Map<number, RunningCall>();
  #handle: RunnerHandle | undefined;
  /** The program's, where it has one. */
  #logger: Logger | undefined;
  #loading: Promise<void> = Promise.resolve();
  /** Where each request is a run of its own that ends with its answer. */
  #pace: RunPace | undefined;
  /** Where nothing else gathers what comes. */
  #line: RunLine | undefined;
  /** True when the runner has been disposed of: nothing is lost by an end. */
  closed = false;

  constructor(
    private readonly channel: Channel,
    private readonly open: OpenRunner,
  ) {}

  receive({ kind, id, meta, body }: ReceivedMessage): void {
    switch (kind) {
      case KIND.open:
        this.#loading = this.#load(JSON.parse(bufferOf(body).toString()) as Opening);
        return;
      case KIND.exchange:
        this.#start(id, (call) => this.#exchange(call, id, meta, body));
        return;
      case KIND.run:
      case KIND.runMany:
      case KIND.stream:
        this.#start(id, (call) => this.#call(call, kind, id, meta, body));
        return;
      case KIND.cancel:
        this.#cancel(id, meta);
        return;
      case KIND.credit:
        this.#calls.get(id)?.grant(Number(meta));
        return;
      case KIND.close:
        void this.#close();
        return;
    }
  }

  async #load({ spec, threads, logs, reportsMemory }: Opening): Promise<void> {
    if (reportsMemory) setInterval(() => this.#reportMemory(), MEMORY_INTERVAL).unref();
    if (logs) this.#logger = channelLogger(this.channel);
    try {
      const handle = await this.open(spec, { logger: this.#logger ?? silentLogger, threads });
      const description = toWireDescription(handle.definition);
      this.#handle = handle;
      if (!description.batch) this.#line = new RunLine();
      if (hasOwnRuns(description)) this.#pace = new RunPace((blocks) => this.#tellPace(blocks));
      this.channel.send({ kind: KIND.ready, id: 0, body: JSON.stringify(description) });
    } catch (error) {
      this.channel.send({ kind: KIND.failed, id: 0, meta: JSON.stringify(toWireError(error)) });
    }
  }

  #tellPace(blocks: boolean): void {
    this.channel.send({ kind: KIND.pace, id: 0, meta: blocks ? '1' : '0' });
  }

  #reportMemory(): void {
    this.channel.send({ kind: KIND.memory, id: 0, meta: String(process.memoryUsage.rss()) });
  }

  async #close(): Promise<void> {
    await this.#loading;
    let meta: string | undefined;
    try {
      await this.#handle?.close();
    } catch (error) {
      meta = JSON.stringify(toWireError(error));
    }
    this.closed = true;
    this.channel.send({ kind: KIND.closed, id: 0, meta });
  }

  async #exchange(tracker: RunningCall, id: number, meta: string, body: Uint8Array): Promise<void> {
    const handle = this.#handle as RunnerHandle;
    const { request, requestId, timeout } = fromWireRequest(meta, body);
    const { cancellation } = tracker;
    const options = { cancellation, requestId, timeout, tracker };
    const answer = await answerExchange(handle, request, options, this.#logger);
    const items = streamOf(answer);
    if (items === undefined) return this.#end(id, tracker, toWireAnswer(id, answer));
    this.#send(toWireAnswer(id, answer));
    await this.#sendItems(id, tracker, items, (text) => text);
  }

  async #call(
    tracker: RunningCall,
    kind: typeof KIND.run | typeof KIND.runMany | typeof KIND.stream,
    id: number,
    meta: string,
    body: Uint8Array,
  ): Promise<void> {
    const handle = this.#handle as RunnerHandle;
    const { cancellation } = tracker;
    const options: RunManyOptions & CallOptions = {
      ...(JSON.parse(meta) as RunManyOptions),
      cancellation,
      tracker,
    };
    try {
      const input = decodeValue(body);
      if (kind === KIND.stream) {
        this.channel.send({ kind: KIND.opened, id });
        return await this.#sendItems(id, tracker, handle.stream(input, options), encodeOutput);
      }
      const output =
        kind === KIND.run
          ? await handle.run(input, options)
          : await this.#outcomes(handle, input as unknown[], options);
      await this.#end(id, tracker, { kind: KIND.answer, id, body: encodeOutput(output), owned: true });
    } catch (error) {
      await this.#end(id, tracker, errorMessage(id, error));
    }
  }

  async #outcomes(handle: RunnerHandle, inputs: unknown[], options: RunManyOptions): Promise<WireOutcome[]> {
    const outcomes = await handle.runMany(inputs, options);
    return outcomes.map((outcome) => {
      if (!outcome.ok) return { ok: false, error: toWireError(outcome.error) };
      try {
        // One by one, so that an output which cannot be sent fails alone.
        return { ok: true, value: encodeOutput(outcome.value) };
      } catch (error) {
        return { ok: false, error: toWireError(error) };
      }
    });
  }

  async #sendItems<T>(
    id: number,
    call: RunningCall,
    items: AsyncIterable<T>,
    encode: (item: T) => string | Uint8Array,
  ): Promise<void> {
    let last: Message = { kind: KIND.end, id };
    try {
      for await (const item of items) {
        if (!(await call.takeCredit())) break;
        this.#send({ kind: KIND.item, id, body: encode(item), owned: true });
      }
    } catch (error) {
      last = errorMessage(id, error);
    }
    await this.#end(id, call, last);
  }

  #start(id: number, run: (call: RunningCall) => Promise<void>): void {
    const call = new RunningCall();
    this.#calls.set(id, call);
    this.#pace?.begin();
    if (this.#line) this.#line.add(id, () => void run(call));
    else void run(call);
  }

  #cancel(id: number, meta: string): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    if (this.#line?.remove(id)) {
      this.#calls.delete(id);
      this.#pace?.skip();
      this.channel.send({ kind: KIND.error, id, meta });
    } else {
      this.channel.send({ kind: KIND.begun, id });
      call.cancellation.abort(fromWireError(JSON.parse(meta) as WireError));
    }
    // The next run may block this thread, and what is still to end would be held against it.
    this.channel.flush();
  }

  /** The last word on a request: when its caller has left early, only once its work has ended. */
  async #end(id: number, call: RunningCall, message: Message): Promise<void> {
    const working = call.untilIdle();
    if (working !== undefined) await working;
    this.#calls.delete(id);
    this.#pace?.end();
    try {
      this.#send(message);
    } catch (error) {
      this.#send(errorMessage(id, error));
    }
    if (this.#calls.size === 0) this.channel.flush();
  }

  /** @throws ValidationError RW_OUTPUT_INVALID for what is too long to be sent */
  #send(message: Message): void {
    try {
      this.channel.send(message);
    } catch (cause) {
      throw cause instanceof RangeError ? tooLongError('output') : cause;
    }
  }
}

function streamOf({ body }: ExchangeAnswer): AsyncIterable<string> | undefined {
  return typeof body === 'object' && Symbol.asyncIterator in body ? body : undefined;
}

function errorMessage(id: number, error: unknown): Message {
  return { kind: KIND.error, id, meta: JSON.stringify(toWireError(error)) };
}

const encodeOutput = (output: unknown): Uint8Array => encodeData('output', output);
