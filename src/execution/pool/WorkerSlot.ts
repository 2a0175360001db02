import { describeType } from '../../errors/describeType';
import { textOf } from '../../errors/textOf';
import { Backoff } from './Backoff';
import type { WorkerCall } from './WorkerCall';
import { WorkerLife, type LifeEnd, type LifeOptions } from './WorkerLife';
import { workerFailed } from './workerFailed';
import type { WorkerState, WorkerStatus } from './WorkerState';
import type { WorkerUnit } from './WorkerUnit';
import type { WireDescription } from '../wire/WireDescription';

const MIB = 1024 * 1024;

export interface SlotOptions extends Omit<LifeOptions, 'onMemory'> {
  /** May throw. */
  readonly startUnit: () => WorkerUnit;
  /** Bytes of resident memory of a process. */
  readonly memoryLimit: number | undefined;
}

/** One worker of a pool through all its lives: it is started, and started again after it has ended. */
export class WorkerSlot {
  readonly #backoff = new Backoff();
  #status: WorkerStatus = 'loading';
  #life: WorkerLife | undefined;
  #restarts = 0;
  #readySince = 0;
  #restartTimer: NodeJS.Timeout | undefined;
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

  /** True when it can be given a call. */
  get open(): boolean {
    return this.#status === 'ready' && this.#life?.open === true;
  }

  get outstanding(): number {
    return this.#life?.outstanding ?? 0;
  }

  /** Whether what it is given while it runs something would only wait there. */
  get blocks(): boolean {
    return this.#life?.blocks ?? true;
  }

  get state(): WorkerState {
    const { id, outstanding } = this;
    return { id, status: this.#status, pid: this.#life?.pid, restarts: this.#restarts, outstanding };
  }

  /** @throws RunwrightError what loading threw, RW_WORKER_FAILED when it could not be started or ended meanwhile */
  async start(): Promise<WireDescription> {
    this.#status = 'loading';
    const life = new WorkerLife(this.#startUnit(), {
      ...this.options,
      onMemory: (bytes) => this.judgeMemory(bytes),
    });
    this.#life = life;
    if (this.#hurried) life.hurry();
    const ended = life.ended.then((end) => this.#onEnded(end));
    try {
      const description = await life.loaded;
      if (this.#closing === undefined) {
        this.#status = 'ready';
        this.#readySince = performance.now();
        this.failing = false;
      }
      return description;
    } catch (error) {
      await ended;
      throw error;
    }
  }

  /** Gives a call to the worker, which must be open. */
  carry(call: WorkerCall): void {
    this.#life?.carry(call);
  }

  /** From now on runs that nobody waits for get no more time than a deadline gives. */
  hurry(): void {
    this.#hurried = true;
    this.#life?.hurry();
  }

  /** Ends an idle worker, after it has disposed of its runner. @returns what disposing threw */
  close(): Promise<Error | undefined> {
    return (this.#closing ??= this.#close());
  }

  /** @param bytes of resident memory that the process takes now */
  judgeMemory(bytes: number): void {
    const { memoryLimit = Infinity } = this.options;
    if (bytes <= memoryLimit) return;
    const [taken, limit] = [bytes, memoryLimit].map((size) => Math.round(size / MIB));
    this.#life?.kill(`it took ${taken} MiB of memory, and its limit is ${limit} MiB`);
  }

  #startUnit(): WorkerUnit {
    const { startUnit, where, onChange } = this.options;
    try {
      return startUnit();
    } catch (cause) {
      if (this.#closing === undefined) {
        this.#status = 'waiting';
        this.failing = true;
        onChange();
      }
      const said = textOf(cause, 'message') ?? describeType(cause);
      throw workerFailed(where, `worker ${this.id} could not be started: ${said}`, cause);
    }
  }

  async #close(): Promise<Error | undefined> {
    clearTimeout(this.#restartTimer);
    this.#status = 'closing';
    const error = await this.#life?.close();
    this.#status = 'ended';
    return error;
  }

  #onEnded({ what, lost, overran }: LifeEnd): void {
    this.#life = undefined;
    if (this.#closing === undefined) {
      const wasReady = this.#status === 'ready';
      this.#status = 'waiting';
      if (wasReady) this.#comeBack(what, lost, overran);
      else this.failing = true;
    }
    this.options.onChange();
  }

  #comeBack(what: string, lost: number, overran: boolean): void {
    // Whoever ends it by a deadline would keep it away for long by a few more.
    const delay = overran ? 0 : this.#backoff.delayAfter(performance.now() - this.#readySince);
    const requests = lost === 0 ? '' : `; ${lost === 1 ? 'a request' : `${lost} requests`} failed with it`;
    const when = delay === 0 ? 'at once' : `in ${delay} ms`;
    const { logger, where } = this.options;
    logger.error(`worker ${this.id} of ${where}: ${what}${requests}; it is started again ${when}`);
    this.#restartIn(delay);
  }

  #restartIn(delay: number): void {
    const { logger, where, onChange } = this.options;
    this.#restartTimer = setTimeout(() => {
      this.#restarts += 1;
      this.start().then(
        () => {
          logger.info(`worker ${this.id} of ${where} is ready again`);
          onChange();
        },
        (error: unknown) => {
          if (this.#status !== 'waiting') return;
          const next = this.#backoff.delayAfter(0);
          const what = `worker ${this.id} of ${where} could not be started again; the next try is in ${next} ms`;
          logger.error(what, error);
          this.#restartIn(next);
        },
      );
    }, delay).unref();
  }
}
