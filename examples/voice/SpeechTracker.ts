/** A stretch of speech. */
export interface Speech {
  /** Seconds from the beginning of the sound. */
  readonly start: number;
  readonly end: number;
  /** Mean probability of speech, from 0 to 1. */
  readonly confidence: number;
}

export interface SpeechTrackerOptions {
  /** Seconds that each probability stands for. */
  readonly window: number;
  /** Probability from which on speech begins. */
  readonly threshold: number;
}

/** How far the probability may fall below the threshold before speech ends, so that it does not flicker. */
const HYSTERESIS = 0.15;
/** Seconds: a shorter silence is a pause within speech. */
const MIN_SILENCE = 0.3;
/** Seconds: shorter speech is a click or a cough. */
const MIN_SPEECH = 0.25;
/** Seconds added on each side: soft first and last sounds are heard late. */
const PADDING = 0.1;

/** Makes stretches of speech out of the probabilities of a voice detector, each as soon as its end is sure. */
export class SpeechTracker {
  readonly #window: number;
  readonly #threshold: number;
  /** Windows so far. */
  #count = 0;
  /** Speech that may go on. `sum` is of the probabilities from `first` to `last`, `pause` of those since. */
  #open: { first: number; last: number; sum: number; pause: number } | undefined;

  constructor({ window, threshold }: SpeechTrackerOptions) {
    this.#window = window;
    this.#threshold = threshold;
  }

  /** Takes the probability of the next window; gives the speech that it shows to be over. */
  add(probability: number): Speech | undefined {
    const now = this.#count++;
    const open = this.#open;
    if (!open) {
      if (probability >= this.#threshold) this.#open = { first: now, last: now, sum: probability, pause: 0 };
      return undefined;
    }
    open.pause += probability;
    if (probability >= this.#threshold - HYSTERESIS) {
      open.last = now;
      open.sum += open.pause;
      open.pause = 0;
    }
    return (now - open.last) * this.#window >= MIN_SILENCE ? this.end(Infinity) : undefined;
  }

  /**
   * The speech that the sound ended in.
   *
   * @param length of the whole sound, in seconds: its last window may not be full
   */
  end(length: number): Speech | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return undefined;
    const windows = open.last - open.first + 1;
    if (windows * this.#window < MIN_SPEECH) return undefined;
    return {
      start: milliseconds(Math.max(0, open.first * this.#window - PADDING)),
      end: milliseconds(Math.min(length, (open.last + 1) * this.#window + PADDING)),
      confidence: open.sum / windows,
    };
  }
}

/** Seconds without the digits that only look exact. */
const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;
