import type { OutputParity } from '../../models/tensor/ParityReport';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import { DEFAULT_RTOL, type Tolerance } from './Tolerance';
import { toNumbers } from './toNumbers';

/** The element that is farthest beyond `rtol * |b|`. */
export interface WorstElement {
  readonly output: string;
  /** For people: which inputs it was for. */
  readonly description: string;
  /** In the flat tensor. */
  readonly index: number;
  readonly original: number;
  readonly exported: number;
  /** `|a - b|`; NaN where one of them is no finite number. */
  readonly difference: number;
  readonly allowed: number;
}

/** Default of `atol`, per unit of magnitude. */
const SCALED_ATOL = 1e-5;

type Tensor = TensorRecord[string];

/**
 * Compares one output of two models over many cases: `|a - b| <= atol + rtol * |b|`, where `b` is the original's. A NaN
 * equals a NaN, and an infinity one of its sign. Whole numbers and booleans must be equal, unless a tolerance was given.
 *
 * The default of `atol` follows the largest magnitude among the elements that are not equal to the last bit: a mask of -1e9
 * that both have says nothing of how the rest is rounded. So the verdict is known when all cases are.
 */
export class OutputComparison {
  readonly #rtol: number;
  readonly #givenAtol: number | undefined;
  readonly #isGiven: boolean;
  #elements = 0;
  /** Largest magnitude among elements that differ, and among all. */
  #scale = 0;
  #magnitude = 0;
  #maxAbsolute = 0;
  #maxRelative = 0;
  #reach = -Infinity;
  #worst: Omit<WorstElement, 'allowed'> | undefined;

  constructor(
    private readonly name: string,
    { atol, rtol }: Tolerance,
  ) {
    this.#rtol = rtol ?? DEFAULT_RTOL;
    this.#givenAtol = atol;
    this.#isGiven = atol !== undefined || rtol !== undefined;
  }

  get atol(): number {
    return this.#givenAtol ?? SCALED_ATOL * (this.#scale || this.#magnitude || 1);
  }

  get report(): OutputParity {
    return {
      name: this.name,
      elements: this.#elements,
      atol: this.atol,
      maxAbsolute: this.#maxAbsolute,
      maxRelative: this.#maxRelative,
    };
  }

  /** `undefined` where every element of every case is within what is allowed. */
  get worst(): WorstElement | undefined {
    if (this.#worst === undefined || this.#reach <= this.atol) return undefined;
    const isExact = this.#reach === Infinity;
    const allowed = isExact ? 0 : this.atol + this.#rtol * Math.abs(this.#worst.original);
    return { ...this.#worst, allowed };
  }

  /**
   * Takes one case; both tensors have one type and one shape.
   *
   * @returns how far the case goes beyond `rtol * |b|`, to be held against `atol` when all cases are known
   */
  add(original: Tensor, exported: Tensor, description = ''): number {
    const [b, a] = [toNumbers(original), toNumbers(exported)];
    const isExact = !original.type.startsWith('float') && !this.#isGiven;
    this.#elements += b.length;
    let reach = -Infinity;
    for (let index = 0; index < b.length; index += 1) {
      const magnitude = Math.abs(b[index] ?? 0);
      if (magnitude < Infinity) this.#magnitude = Math.max(this.#magnitude, magnitude);
      // As they are, since a number cannot tell all integers of 64 bits apart.
      if (original.data[index] === exported.data[index]) continue;
      const [one, other] = [b[index] ?? NaN, a[index] ?? NaN];
      if (Object.is(one, other) && Number.isNaN(one)) continue;
      const here = this.#reachOf(one, other, isExact);
      if (here > this.#reach || this.#worst === undefined) {
        const difference = Number.isFinite(one) && Number.isFinite(other) ? Math.abs(other - one) : NaN;
        this.#worst = { output: this.name, description, index, original: one, exported: other, difference };
        this.#reach = here;
      }
      reach = Math.max(reach, here);
    }
    return reach;
  }

  #reachOf(original: number, exported: number, isExact: boolean): number {
    if (!Number.isFinite(original) || !Number.isFinite(exported)) return Infinity;
    const difference = Math.abs(exported - original);
    const magnitude = Math.abs(original);
    this.#scale = Math.max(this.#scale, magnitude);
    this.#maxAbsolute = Math.max(this.#maxAbsolute, difference);
    if (original !== 0) this.#maxRelative = Math.max(this.#maxRelative, difference / magnitude);
    return isExact ? Infinity : difference - this.#rtol * magnitude;
  }
}
