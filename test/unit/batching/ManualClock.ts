import type { Clock } from '../../../src/batching/Clock';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that moves when a test says so. */
export class ManualClock implements Clock {
  private time = 1_000;
  private turn: (() => void)[] = [];
  private readonly timers = new Set<Timer>();
  /** What `turnAge` gives. */
  age = 0;

  get waitingTimers(): number {
    return this.timers.size;
  }

  now(): number {
    return this.time;
  }

  turnAge(): number {
    return this.age;
  }

  /** As if runs did nothing at once: what they do is the test's to say, by `age`. */
  afterWork(callback: () => void): void {
    callback();
  }

  afterTurn(callback: () => void): void {
    this.turn.push(callback);
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Time passes and no timer fires: the loop is blocked. */
  block(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** What is due fires, in its order. */
  fire(): void {
    const due = [...this.timers].filter(({ at }) => at <= this.time).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.timers.delete(timer)) timer.callback();
  }

  advance(milliseconds: number): void {
    this.block(milliseconds);
    this.fire();
  }

  /** The turn ends. */
  endTurn(): void {
    const callbacks = this.turn;
    this.turn = [];
    this.age = 0;
    for (const callback of callbacks) callback();
  }
}
