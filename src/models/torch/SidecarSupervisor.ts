import { setTimeout as sleep } from 'node:timers/promises';
import { RunwrightError } from '../../errors/RunwrightError';
import type { TorchProgram } from './TorchProgram';
import type { TorchSidecar } from './TorchSidecar';

const FIRST = 100;
const LONGEST = 10_000;
/** Milliseconds of work after which a side-car counts as healthy again. */
const HEALTHY = 10_000;

/** A side-car that has its model. */
export interface LoadedSidecar {
  readonly sidecar: TorchSidecar;
  readonly program: TorchProgram;
}

/**
 * Keeps a side-car: starts it when it is first needed, and again when it has died, after 100 ms, doubling to 10 s while it does
 * not stay up. Who asks meanwhile waits for the new one, or gets the error of its start.
 */
export class SidecarSupervisor {
  #current: Promise<LoadedSidecar> | undefined;
  #delay = FIRST;
  #notBefore = 0;
  readonly #closing = new AbortController();

  /**
   * @param where for messages: the model's file
   * @param open starts a side-car and loads the model; the signal ends both
   */
  constructor(
    private readonly where: string,
    private readonly open: (signal: AbortSignal) => Promise<LoadedSidecar>,
  ) {}

  /** @throws RunwrightError RW_HANDLE_STATE once it is closed; whatever a start throws */
  async get(): Promise<LoadedSidecar> {
    if (this.#closing.signal.aborted) throw this.#closed();
    const loaded = await (this.#current ??= this.#start());
    if (!loaded.sidecar.isEnding) return loaded;
    // One that was killed for its time or its memory takes nothing more: the next one is under way when it has ended.
    await loaded.sidecar.ended;
    return this.get();
  }

  /** Ends the side-car and waits for its end. */
  async close(): Promise<void> {
    const current = this.#current;
    this.#closing.abort();
    const loaded = await current?.catch(() => undefined);
    await loaded?.sidecar.close();
  }

  async #start(): Promise<LoadedSidecar> {
    const { signal } = this.#closing;
    try {
      await sleep(Math.max(0, this.#notBefore - Date.now()), undefined, { signal });
      const loaded = await this.open(signal);
      this.#keep(loaded.sidecar);
      return loaded;
    } catch (error) {
      if (signal.aborted) throw this.#closed();
      this.#backOff();
      // The next one who asks tries again.
      this.#current = undefined;
      throw error;
    }
  }

  #keep(sidecar: TorchSidecar): void {
    const since = Date.now();
    void sidecar.ended.then(() => {
      if (this.#closing.signal.aborted) return;
      if (Date.now() - since >= HEALTHY) this.#delay = FIRST;
      this.#backOff();
      this.#current = this.#start();
      // Who asks gets the error.
      this.#current.catch(() => undefined);
    });
  }

  #backOff(): void {
    this.#notBefore = Date.now() + this.#delay;
    this.#delay = Math.min(this.#delay * 2, LONGEST);
  }

  #closed(): RunwrightError {
    return new RunwrightError('RW_HANDLE_STATE', {
      where: this.where,
      what: 'the model has been released',
      hint: 'Make a new one: TorchModel.fromFile()',
    });
  }
}
