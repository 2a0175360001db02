import type { Sound } from './readWav.js';

/** Zero crossings of the sinc on each side: more is sharper and slower. */
const CROSSINGS = 8;

/**
 * A sound at another rate, computed piece by piece as it is read, so that a long one holds nobody up. A windowed sinc
 * keeps what the new rate cannot carry from folding back into it.
 *
 * @example
 * const sound = new Resampler(readWav(bytes), 16_000);
 * const firstSecond = sound.read(0, 16_000);
 */
export class Resampler {
  /** Samples in all, at the new rate. */
  readonly length: number;
  readonly #samples: Float32Array;
  /** Old samples for each new one. */
  readonly #step: number;
  /** Old samples on each side that a new one is made of. */
  readonly #reach: number;
  /** A new sample lies at one of a few places between two old ones: the weights for each, made once. */
  readonly #weights = new Map<number, Float32Array>();

  /** @param rate wanted samples a second */
  constructor(sound: Sound, rate: number) {
    this.#samples = sound.samples;
    this.#step = sound.rate / rate;
    this.#reach = Math.ceil(CROSSINGS * Math.max(1, this.#step));
    this.length = Math.floor(sound.samples.length / this.#step);
  }

  /** `length` samples from `start` on; silence behind the end. */
  read(start: number, length: number): Float32Array {
    if (this.#step === 1) {
      const piece = new Float32Array(length);
      piece.set(this.#samples.subarray(start, start + length));
      return piece;
    }
    return Float32Array.from({ length }, (_, at) => this.#at((start + at) * this.#step));
  }

  /** The sound at a place between the old samples. */
  #at(place: number): number {
    const first = Math.floor(place) - this.#reach + 1;
    // Rounded, because the same fraction comes out of the division with other last digits.
    const weights = this.#weightsFor(Math.round((place - Math.floor(place)) * 1e6) / 1e6);
    let sum = 0;
    for (let at = 0; at < weights.length; at++) sum += (weights[at] ?? 0) * (this.#samples[first + at] ?? 0);
    return sum;
  }

  #weightsFor(fraction: number): Float32Array {
    const known = this.#weights.get(fraction);
    if (known) return known;
    const pass = Math.min(1, 1 / this.#step);
    const weights = Float32Array.from({ length: 2 * this.#reach }, (_, at) => {
      const distance = at - this.#reach + 1 - fraction;
      return pass * sinc(distance * pass) * Math.cos((Math.PI * distance) / (2 * this.#reach)) ** 2;
    });
    this.#weights.set(fraction, weights);
    return weights;
  }
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
