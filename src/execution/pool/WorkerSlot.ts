import { RunwrightError } from '../../errors/RunwrightError';
import type { Logger } from '../../metadata/contexts';
import { KIND, type Message, type ReceivedMessage } from '../transport/Message';
import { decodeValue } from '../wire/decodeValue';
import type { WireDescription } from '../wire/WireDescription';
import { fromWireError, toWireError, type WireError } from '../wire/WireError';
import { Backoff } from './Backoff';
import type { CallCarrier, WorkerCall } from './WorkerCall';
import type { WorkerState, WorkerStatus } from './WorkerState';
import type { WorkerUnit } from './WorkerUnit';

/** Milliseconds in which what a worker sent before it ended has arrived. */
const LAST_WORDS = 200;
/** Milliseconds that a process gets to end by itself, once it has disposed of its runner. */
const EXIT_GRACE = 2_000;
const MIB = 1024 * 1024;

export interface SlotOptions {
  readonly startUnit: () => WorkerUnit;
  /** What the worker is told when it has started, as JSON. */
  readonly opening: string;
  /** For messages: which runner. */
  readonly where: string;
  readonly deadlineGrace: number;
  /** Bytes of resident memory of a process. */
  readonly memoryLimit: number | undefined;
  readonly logger: Logger;
  /** It can take a request, or has just become unable to. */
  readonly onChange: () => void;
}

/** One worker of a pool through all its lives: it is started, and started again after it has ended. */
export class WorkerSlot implements CallCarrier {
  /** What the worker is at work for. */
  readonly #calls = new Map<number, WorkerCall>();
  /** Of calls whose runs must end soon. */
  readonly #overdue = new Map<number, NodeJS.Timeout>();
  readonly #backoff = new Backoff();
  #status: WorkerStatus = 'loading';
  #unit: WorkerUnit | undefined;
  #restarts = 0;
  #readySince = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  /** Why we ended it, or it failed to load. */
  #reason: string | undefined;
  #loading: { resolve(description: WireDescription): void; reject(error: Error): void } | undefined;
  #loadError: Error | undefined;
  #disposed: { resolve(error: Error | undefined): void } | undefined;
  #closing: Promise<Error | undefined> | undefined;
  #hurried = false;
  /** True when the last start failed: the runner cannot be counted on to come back. */
  failing = false;

  constructor(
    readonly id: number,
    private readonly options: SlotOptions,
  ) {}

  get status(): WorkerStatus {
    return this.#status;
  }

  get outstanding(): number {
    return this.#calls.size;
  }

  get state(): WorkerState {
    const { id, outstanding } = this;
    return { id, status: this.#status, pid: this.#unit?.pid, restarts: this.#restarts, outstanding };
  }

  /** @throws RunwrightError what loading threw, or RW_WORKER_FAILED when the worker ended meanwhile */
  async start(): Promise<WireDescription> {
    const unit = this.options.startUnit();
    this.#unit = unit;
    this.#status = 'loading';
    this.#reason = undefined;
    this.#loadError = undefined;
    const loaded = new Promise<WireDescription>((resolve, reject) => (this.#loading = { resolve, reject }));
    const silent = new Promise<void>((resolve) => {
      unit.channel.listen({
        onMessage: (message) => this.#receive(unit, message),
        onEnd: (cause) => {
          this.#reason ??= cause?.message;
          resolve();
          // Its code has closed the channel, or written to it.
          if (this.#status !== 'closing' && unit.killable) unit.kill();
        },
      });
    });
    unit.channel.setRef(false);
    unit.channel.send({ kind: KIND.open, id: 0, body: this.options.opening });
    void unit.ended.then(async (how) => {
      await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, LAST_WORDS).unref())]);
      this.#onEnded(how);
    });
    return loaded;
  }

  /** Gives a call to the worker, which must be ready. */
  carry(call: WorkerCall): void {
    call.carrier = this;
    this.#calls.set(call.id, call);
    this.send(call.message);
  }

  send(message: Message): void {
    this.#unit?.channel.send(message);
  }

  abandon(call: WorkerCall, error: RunwrightError): void {
    this.send({ kind: KIND.cancel, id: call.id, meta: JSON.stringify(toWireError(error)) });
    if (error.code === 'RW_DEADLINE' || this.#hurried) this.#endSoon(call);
  }

  /** From now on runs that nobody waits for get no more time than a deadline gives. */
  hurry(): void {
    this.#hurried = true;
    for (const call of this.#calls.values()) if (call.settled) this.#endSoon(call);
  }

  /** Ends an idle worker, after it has disposed of its runner. @returns what disposing threw */
  close(): Promise<Error | undefined> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<Error | undefined> {
    const unit = this.#unit;
    const wasReady = this.#status === 'ready';
    clearTimeout(this.#restartTimer);
    this.#status = 'closing';
    if (unit === undefined) {
      this.#status = 'ended';
      return undefined;
    }
    let error: Error | undefined;
    // A thread that loads is not ended before it has loaded: it may be inside native code.
    if (wasReady || !unit.killable) {
      const disposed = new Promise<Error | undefined>((resolve) => (this.#disposed = { resolve }));
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
    this.#status = 'ended';
    return error;
  }

  #receive(unit: WorkerUnit, message: ReceivedMessage): void {
    const { kind, id, meta, body } = message;
    switch (kind) {
      case KIND.ready:
        if (this.#status !== 'loading') return;
        this.#status = 'ready';
        this.#readySince = performance.now();
        this.failing = false;
        this.#loading?.resolve(JSON.parse(body.toString()) as WireDescription);
        return;
      case KIND.failed:
        this.#loadError = fromWireError(JSON.parse(meta) as WireError);
        unit.kill();
        return;
      case KIND.log:
        this.options.logger[meta as keyof Logger](...(decodeValue(body) as unknown[]));
        return;
      case KIND.memory:
        this.judgeMemory(Number(meta));
        return;
      case KIND.closed:
        this.#disposed?.resolve(meta === '' ? undefined : fromWireError(JSON.parse(meta) as WireError));
        return;
      default:
        if (this.#calls.get(id)?.receive(message) === true) this.#release(id);
    }
  }

  #release(id: number): void {
    this.#calls.delete(id);
    clearTimeout(this.#overdue.get(id));
    this.#overdue.delete(id);
    this.options.onChange();
  }

  /** Ends the worker when it is still at work for the call after a while. */
  #endSoon({ id }: WorkerCall): void {
    const unit = this.#unit;
    if (unit === undefined || !unit.killable || this.#overdue.has(id)) return;
    const { deadlineGrace } = this.options;
    const timer = setTimeout(() => {
      this.#endUnit(`a run went on for ${deadlineGrace} ms after its deadline or its caller's leaving`);
    }, deadlineGrace);
    this.#overdue.set(id, timer.unref());
  }

  /** @param bytes of resident memory that the process takes now */
  judgeMemory(bytes: number): void {
    const { memoryLimit = Infinity } = this.options;
    if (bytes <= memoryLimit) return;
    const [taken, limit] = [bytes, memoryLimit].map((size) => Math.round(size / MIB));
    this.#endUnit(`it took ${taken} MiB of memory, and its limit is ${limit} MiB`);
  }

  /** Ends the process at once, with all that it is at work for. */
  #endUnit(reason: string): void {
    this.#reason ??= reason;
    if (this.#unit?.killable === true) this.#unit.kill();
  }

  #onEnded(how: string): void {
    const pid = this.#unit?.pid;
    this.#unit = undefined;
    const said = this.#reason === undefined ? how : `${this.#reason} (${how})`;
    const who = pid === undefined ? 'the thread' : `the process (pid ${pid})`;
    const lost = this.#failCalls(`${who} that ran it ended: ${said}`);
    if (this.#closing !== undefined) {
      this.options.onChange();
      return;
    }
    const wasLoading = this.#status === 'loading';
    const uptime = wasLoading ? 0 : performance.now() - this.#readySince;
    this.#status = 'waiting';
    if (wasLoading) {
      this.failing = true;
      this.#loading?.reject(
        this.#loadError ?? this.#failure(`${who} ended while it loaded the model: ${said}`),
      );
    } else {
      const delay = this.#backoff.delayAfter(uptime);
      const requests = lost === 0 ? '' : `; ${lost === 1 ? 'a request' : `${lost} requests`} failed with it`;
      this.options.logger.error(
        `worker ${this.id} of ${this.options.where}: ${who} ended: ${said}${requests}; it is started again in ${delay} ms`,
      );
      this.#restartIn(delay);
    }
    this.options.onChange();
  }

  #restartIn(delay: number): void {
    this.#restartTimer = setTimeout(() => {
      this.#restarts += 1;
      this.start().then(
        () => {
          this.options.logger.info(`worker ${this.id} of ${this.options.where} is ready again`);
          this.options.onChange();
        },
        (error: unknown) => {
          if (this.#status !== 'waiting') return;
          const next = this.#backoff.delayAfter(0);
          this.options.logger.error(
            `worker ${this.id} of ${this.options.where} could not be started again; the next try is in ${next} ms`,
            error,
          );
          this.#restartIn(next);
        },
      );
    }, delay).unref();
  }

  /** @returns how many callers lost their answer by it */
  #failCalls(what: string): number {
    let lost = 0;
    for (const call of this.#calls.values()) {
      if (!call.settled) lost += 1;
      call.fail(this.#failure(what));
    }
    this.#calls.clear();
    for (const timer of this.#overdue.values()) clearTimeout(timer);
    this.#overdue.clear();
    return lost;
  }

  #failure(what: string): RunwrightError {
    const hint = 'Try again: another worker, or a new one, takes the next request';
    return new RunwrightError('RW_WORKER_FAILED', { where: this.options.where, what, hint });
  }
}
