import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';

// Taken once: a user's test that replaces the timers of Node must not stop a queue.
const { clearTimeout, setImmediate, setTimeout } = timers;
const now = performance.now.bind(performance);

// Node takes a longer time for none.
const LONGEST = 2 ** 31 - 1;

/** Time as a queue sees it. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Milliseconds since this was first asked for in this turn of the event loop. */
  turnAge(): number;
  /** Calls back when all that work which was begun does at once has been done. */
  afterWork(callback: () => void): void;
  /** Calls back when what has arrived in this turn of the event loop has been read. */
  afterTurn(callback: () => void): void;
  /** @returns takes the callback back */
  after(milliseconds: number, callback: () => void): () => void;
}

let turnStart: number | undefined;
const endTurn = (): void => void (turnStart = undefined);

/** The real one. */
export const systemClock: Clock = {
  now,
  turnAge() {
    if (turnStart !== undefined) return now() - turnStart;
    turnStart = now();
    setImmediate(endTurn);
    return 0;
  },
  // A tick that is asked for by a promise comes after all promises that are settled by then, and all that follows from them.
  afterWork: (callback) => queueMicrotask(() => process.nextTick(callback)),
  afterTurn: (callback) => void setImmediate(callback),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST));
    return () => clearTimeout(timer);
  },
};
