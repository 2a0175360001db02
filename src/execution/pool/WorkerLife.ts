import { RunwrightError } from '../../errors/RunwrightError';
import type { Logger } from '../../metadata/contexts';
import { KIND, type Message, type ReceivedMessage } from '../transport/Message';
import { decodeValue } from '../wire/decodeValue';
import { hasOwnRuns, type WireDescription } from '../wire/WireDescription';
import { tooLongError } from '../wire/tooLongError';
import { fromWireError, toWireError, type WireError } from '../wire/WireError';
import { RunWatch } from './RunWatch';
import { workerFailed } from './workerFailed';
import type { CallCarrier, WorkerCall } from './WorkerCall';
import type { WorkerUnit } from './WorkerUnit';

/** Milliseconds in which what a worker sent before it ended has arrived. */
const LAST_WORDS = 200;
/** Milliseconds that a process gets to end by itself, once it has disposed of its runner. */
const EXIT_GRACE = 2_000;

export interface LifeOptions {
  /** What the worker is told when it has started, as JSON. */
  readonly opening: string;
  /** For messages: which runner. */
  readonly where: string;
  readonly deadlineGrace: number;
  readonly logger: Logger;
  /** A request is done, or no more of them are taken. */
  readonly onChange: () => void;
  readonly onMemory: (bytes: number) => void;
}

/** How a worker ended. */
export interface LifeEnd {
  /** For people: `the process (pid 7) ended: SIGKILL`. */
  readonly what: string;
  /** Requests whose callers waited for it. */
  readonly lost: number;
  /** True when we ended it for a run that went on for too long. */
  readonly overran: boolean;
}

/** One thread or process from its start to its end, with what it is at work for. */
export class WorkerLife implements CallCarrier {
  /** @throws RunwrightError what loading threw, or RW_WORKER_FAILED when the worker ended meanwhile */
  readonly loaded: Promise<WireDescription>;
  /** Every request has been answered by then. */
  readonly ended: Promise<LifeEnd>;
  readonly #calls = new Map<number, WorkerCall>();
  readonly #watch: RunWatch;
  #state: 'loading' | 'ready' | 'closing' = 'loading';
  #onLoaded!: (description: WireDescription) => void;
  #onFailed!: (error: Error) => void;
  #loadError: Error | undefined;
  #onDisposed: ((error: Error | undefined) => void) | undefined;
  /** Why we ended it, or what was wrong with its channel. */
  #reason: string | undefined;
  #overran = false;
  #blocks = false;

  constructor(
    private readonly unit: WorkerUnit,
    private readonly options: LifeOptions,
  ) {
    this.#watch = new RunWatch(options.deadlineGrace, {
      calls: () => this.#calls.values(),
      isHeldUp: (call) => this.#isHeldUp(call),
      onChange: options.onChange,
      onOverrun: (reason) => {
        this.#overran = true;
        this.kill(reason);
      },
    });
    this.loaded = new Promise((resolve, reject) => {
      this.#onLoaded = resolve;
      this.#onFailed = reject;
    });
    const silent = new Promise<void>((resolve) => {
      unit.channel.listen({
        onMessage: (message) => this.#receive(message),
        onEnd: (cause) => {
          this.#reason ??= cause?.message;
          resolve();
          // Its code has closed the channel, or written to it.
          if (this.#state !== 'closing' && unit.killable) unit.kill();
        },
      });
    });
    unit.channel.setRef(false);
    unit.channel.send({ kind: KIND.open, id: 0, body: options.opening });
    this.ended = unit.ended.then(async (how) => {
      await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, LAST_WORDS).unref())]);
      return this.#end(how);
    });
  }

  get pid(): number | undefined {
    return this.unit.pid;
  }

  get outstanding(): number {
    return this.#calls.size;
  }

  /** False when nothing more is given to it: it is about to be ended. */
  get open(): boolean {
    return !this.#watch.suspects;
  }

  /**
   * Whether what it is given while it runs something would only wait there. Where each request is a run of its own, true until it
   * has said otherwise.
   */
  get blocks(): boolean {
    return this.#blocks;
  }

  /** Gives it a call; it must be ready. */
  carry(call: WorkerCall): void {
    try {
      this.send(call.message);
      // Nothing more may come in this turn, and a lone caller waits for nothing else.
      if (this.#calls.size === 0) this.unit.channel.flush();
    } catch (error) {
      call.fail(error instanceof RangeError ? tooLongError('input', this.options.where) : (error as Error));
      return;
    }
    call.carrier = this;
    this.#calls.set(call.id, call);
  }

  send(message: Message): void {
    this.unit.channel.send(message);
  }

  abandon(call: WorkerCall, error: RunwrightError): void {
    try {
      this.#cancel(call, error);
    } catch {
      // The reason may be longer than any message.
      const { code, what, where, hint } = error;
      this.#cancel(call, new RunwrightError(code, { what, where, hint }));
    }
    if (this.unit.killable) this.#watch.left(call, error.code === 'RW_DEADLINE');
  }

  /** From now on runs that nobody waits for get no more time than a deadline gives. */
  hurry(): void {
    if (this.unit.killable) this.#watch.hurry();
  }

  /** Ends the process at once, with all that it is at work for. A thread is left alone. */
  kill(reason: string): void {
    this.#reason ??= reason;
    if (this.unit.killable) this.unit.kill();
  }

  /** Ends it while it is idle, after it has disposed of its runner. @returns what disposing threw */
  async close(): Promise<Error | undefined> {
    const { unit } = this;
    const wasReady = this.#state === 'ready';
    this.#state = 'closing';
    let error: Error | undefined;
    // A thread that loads is not ended before it has loaded: it may be inside native code.
    if (wasReady || !unit.killable) {
      const disposed = new Promise<Error | undefined>((resolve) => (this.#onDisposed = resolve));
      this.send({ kind: KIND.close, id: 0 });
      error = await Promise.race([disposed, unit.ended.then(() => undefined)]);
      unit.channel.close();
    }
    if (wasReady && unit.killable) {
      const timer = setTimeout(() => unit.kill(), EXIT_GRACE);
      await unit.ended;
      clearTimeout(timer);
    } else {
      unit.kill();
      await unit.ended;
    }
    return error;
  }

  #cancel({ id }: WorkerCall, error: RunwrightError): void {
    this.send({ kind: KIND.cancel, id, meta: JSON.stringify(toWireError(error)) });
  }

  #receive(message: ReceivedMessage): void {
    const { kind, id, meta, body } = message;
    switch (kind) {
      case KIND.ready:
        if (this.#state !== 'loading') return;
        this.#state = 'ready';
        this.#onReady(JSON.parse(body.toString()) as WireDescription);
        return;
      case KIND.failed:
        this.#loadError = fromWireError(JSON.parse(meta) as WireError);
        this.unit.kill();
        return;
      case KIND.log:
        this.options.logger[meta as keyof Logger](...(decodeValue(body) as unknown[]));
        return;
      case KIND.memory:
        this.options.onMemory(Number(meta));
        return;
      case KIND.pace:
        this.#blocks = meta === '1';
        this.options.onChange();
        return;
      case KIND.begun:
        this.#watch.begun(id);
        return;
      case KIND.closed:
        this.#onDisposed?.(meta === '' ? undefined : fromWireError(JSON.parse(meta) as WireError));
        return;
      default:
        if (this.#calls.get(id)?.receive(message) === true) this.#release(id);
    }
  }

  #onReady(description: WireDescription): void {
    this.#blocks = hasOwnRuns(description);
    this.#onLoaded(description);
  }

  /** True when the worker may still be inside a run that somebody waits for, and that it was given before. */
  #isHeldUp(call: WorkerCall): boolean {
    for (const other of this.#calls.values()) {
      if (other === call) return false;
      if (!other.settled) return true;
    }
    return false;
  }

  #release(id: number): void {
    this.#calls.delete(id);
    this.#watch.ended(id);
    this.options.onChange();
  }

  #end(how: string): LifeEnd {
    const process = this.pid === undefined ? 'the process' : `the process (pid ${this.pid})`;
    const who = this.unit.killable ? process : 'the thread';
    const { where } = this.options;
    const said = this.#reason === undefined ? how : `${this.#reason} (${how})`;
    this.#watch.stop();
    let lost = 0;
    for (const call of this.#calls.values()) {
      if (!call.settled) lost += 1;
      call.fail(workerFailed(where, `${who} that ran it ended: ${said}`));
    }
    this.#calls.clear();
    this.#onFailed(this.#loadError ?? workerFailed(where, `${who} ended while it loaded the model: ${said}`));
    return { what: `${who} ended: ${said}`, lost, overran: this.#overran };
  }
}
