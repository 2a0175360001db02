import type { Cancellation } from '../../batching/Cancellation';
import { stoppedError } from '../../batching/stoppedError';
import { RunwrightError } from '../../errors/RunwrightError';
import { guardLogger } from '../../lifecycle/guardLogger';
import { onAbort } from '../../lifecycle/onAbort';
import type { HandleState } from '../../lifecycle/RunnerHandle';
import { silentLogger } from '../../lifecycle/silentLogger';
import type { Logger } from '../../metadata/contexts';
import type { ExecutionPlan } from '../planExecution';
import type { Message } from '../transport/Message';
import type { WireDescription } from '../wire/WireDescription';
import type { Opening } from '../worker/WorkerSession';
import { KeepAlive } from './KeepAlive';
import { startProcess } from './startProcess';
import { startThread } from './startThread';
import { watchMemory } from './watchMemory';
import { WorkerCall, type CallCarrier, type Reply } from './WorkerCall';
import { WorkerSlot } from './WorkerSlot';
import type { WorkerState } from './WorkerState';

/**
 * Requests that a worker has at once, so that it never waits for the next one. Where runs block it, it has one: what waits here can
 * still be dropped, or be given to another worker.
 */
const WINDOW = 8;

export interface PoolOptions {
  readonly plan: ExecutionPlan;
  /** Absolute path of the JavaScript file that calls `runWorker`. */
  readonly program: string;
  /** For the program; JSON. */
  readonly spec: unknown;
  /** For messages: which runner. */
  readonly where: string;
  readonly logger: Logger;
}

/** Workers with one runner each, and what waits for them. The one with the least to do gets the next request. */
export class WorkerPool {
  readonly #slots: readonly WorkerSlot[];
  /** What no worker has yet. A set, so that what leaves costs nothing to find. */
  readonly #queue = new Set<WorkerCall>();
  readonly #inQueue: CallCarrier = {
    send: () => undefined,
    abandon: (call) => {
      this.#queue.delete(call);
      this.#checkDrained();
    },
  };
  readonly #keepAlive = new KeepAlive();
  #window = WINDOW;
  #lastId = 0;
  #closed: Promise<void> | undefined;
  #end: 'closed' | 'failed' | undefined;
  #onDrained: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(private readonly options: PoolOptions) {
    const { plan, program, spec, where, logger } = options;
    const { mode, workers, threads, memoryLimit, deadlineGrace, workerStdout } = plan;
    const reportsMemory = mode === 'process' && memoryLimit !== undefined && process.platform !== 'linux';
    const opening: Opening = { spec, threads, logs: logger !== silentLogger, reportsMemory };
    const start = mode === 'thread' ? startThread : startProcess;
    this.#slots = Array.from(
      { length: workers },
      (_, index) =>
        new WorkerSlot(index + 1, {
          startUnit: () => start({ program, threads, memoryLimit, workerStdout }),
          opening: JSON.stringify(opening),
          where,
          deadlineGrace,
          memoryLimit: mode === 'process' ? memoryLimit : undefined,
          logger: guardLogger(logger),
          onChange: () => this.#dispatch(),
        }),
    );
  }

  get state(): HandleState {
    if (this.#end !== undefined) return this.#end;
    if (this.#closed !== undefined) return 'closing';
    return this.#slots.some(({ status }) => status === 'ready') ? 'ready' : 'restarting';
  }

  get capacity(): number {
    return this.#slots.length * this.#window;
  }

  workerStates(): readonly WorkerState[] {
    return this.#slots.map(({ state }) => state);
  }

  /**
   * Starts every worker; resolves when each has loaded its runner.
   *
   * @throws RunwrightError what loading threw, RW_WORKER_FAILED, RW_ABORTED
   */
  async start(signal: AbortSignal | undefined): Promise<WireDescription> {
    this.#keepAlive.hold();
    const { where, plan } = this.options;
    const { memoryLimit, mode } = plan;
    if (mode === 'process' && memoryLimit !== undefined) this.#stopWatching = watchMemory(this.#slots);
    let stopListening: (() => void) | undefined;
    try {
      const loaded = Promise.all(this.#slots.map((slot) => slot.start()));
      const aborted = new Promise<never>((_, reject) => {
        if (signal) stopListening = onAbort(signal, () => reject(stoppedError(where, signal.reason)));
      });
      const [description] = await Promise.race([loaded, aborted]);
      if (description?.batch) this.#window = 2 * description.batch.maxSize;
      return description as WireDescription;
    } catch (error) {
      this.#end = 'failed';
      this.#stopWatching?.();
      const ended = Promise.all(this.#slots.map((slot) => slot.close()));
      // A thread may be inside native code for as long as it likes, and is ended after it.
      if (mode === 'process') await ended;
      this.#keepAlive.end();
      throw error;
    } finally {
      stopListening?.();
      this.#keepAlive.release();
    }
  }

  /** For the message of a call. */
  nextId(): number {
    return (this.#lastId = (this.#lastId + 1) >>> 0);
  }

  /** @throws RunwrightError RW_HANDLE_STATE, RW_WORKER_FAILED, RW_DEADLINE, RW_ABORTED, and what the worker answers */
  call(
    message: Message,
    { cancellation, timeout }: { cancellation: Cancellation | undefined; timeout: number | undefined },
  ): Promise<Reply> {
    if (this.#closed !== undefined) return Promise.reject(this.#stateError());
    this.#keepAlive.hold();
    const { where } = this.options;
    const call = new WorkerCall(message, { where, cancellation, timeout, onSettled: this.#onSettled });
    if (call.settled) return call.answered;
    const slot = this.#freeSlot();
    if (slot) {
      slot.carry(call);
    } else if (this.#hopeless) {
      call.fail(this.#hopelessError());
    } else {
      call.carrier = this.#inQueue;
      this.#queue.add(call);
    }
    return call.answered;
  }

  /** Takes no more calls; resolves when all work is done and every worker has disposed of its runner and ended. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#keepAlive.hold();
    try {
      for (const slot of this.#slots) slot.hurry();
      if (!this.#drained) await new Promise<void>((resolve) => (this.#onDrained = resolve));
      this.#stopWatching?.();
      const errors = await Promise.all(this.#slots.map((slot) => slot.close()));
      const error = errors.find((candidate) => candidate !== undefined);
      this.#end = error ? 'failed' : 'closed';
      if (error) throw error;
    } finally {
      this.#keepAlive.end();
    }
  }

  /** Called when a worker can take a request, or cannot any more. */
  #dispatch(): void {
    for (const call of this.#queue) {
      const slot = this.#freeSlot();
      if (slot === undefined) break;
      this.#queue.delete(call);
      slot.carry(call);
    }
    if (this.#queue.size > 0 && this.#hopeless) {
      const calls = [...this.#queue];
      this.#queue.clear();
      for (const call of calls) call.fail(this.#hopelessError());
    }
    this.#checkDrained();
  }

  #checkDrained(): void {
    if (this.#onDrained && this.#drained) this.#onDrained();
  }

  #freeSlot(): WorkerSlot | undefined {
    let free: WorkerSlot | undefined;
    let least = this.#window;
    for (const slot of this.#slots) {
      if (!slot.open || slot.outstanding >= least) continue;
      if (slot.blocks && slot.outstanding > 0) continue;
      free = slot;
      least = slot.outstanding;
    }
    return free;
  }

  get #drained(): boolean {
    return this.#queue.size === 0 && this.#slots.every(({ outstanding }) => outstanding === 0);
  }

  /** True when no worker is up, and none could be started again: nobody knows how long that lasts. */
  get #hopeless(): boolean {
    return this.#slots.every(({ status, failing }) => status !== 'ready' && failing);
  }

  readonly #onSettled = (): void => this.#keepAlive.release();

  #hopelessError(): RunwrightError {
    return new RunwrightError('RW_WORKER_FAILED', {
      where: this.options.where,
      what: 'no worker is up, and the last attempts to start one failed',
      hint: 'Try again later; the log of the program says why',
    });
  }

  #stateError(): RunwrightError {
    return new RunwrightError('RW_HANDLE_STATE', {
      where: this.options.where,
      what: `the handle is ${this.state} and cannot be run`,
      hint: 'A handle takes input until close(); make a new one',
    });
  }
}
