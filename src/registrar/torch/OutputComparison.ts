import type { TensorRecord } from '../../models/tensor/TensorModel';
import type { OutputParity } from '../../models/tensor/ParityReport';
import { toNumbers } from './toNumbers';

/** Where the two are farthest apart, measured by what is allowed there. */
export interface WorstElement {
  readonly output: string;
  /** Of the element, in the flat tensor. */
  readonly index: number;
  readonly original: number;
  readonly exported: number;
  /** `|a - b|`; NaN where one of them is no finite number. */
  readonly difference: number;
  readonly allowed: number;
}

/** Default of `atol`, per unit of the largest magnitude of the output. */
const SCALED_ATOL = 1e-5;

type Tensor = TensorRecord[string];

/**
 * Compares one output of two models over many cases: `|a - b| <= atol + rtol * |b|`, where `b` is the original's. A NaN
 * equals a NaN, and an infinity one of its sign. Whole numbers and booleans must be equal.
 */
export class OutputComparison {
  worst: WorstElement | undefined;
  #elements = 0;
  #scale = 0;
  #maxAbsolute = 0;
  #maxRelative = 0;

  /** @param atol as given; by default it follows the magnitude of the output */
  constructor(
    private readonly name: string,
    private readonly rtol: number,
    private readonly givenAtol: number | undefined,
  ) {}

  get atol(): number {
    return this.givenAtol ?? SCALED_ATOL * (this.#scale || 1);
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

  /** @returns whether every element is within what is allowed; both have one type and one shape */
  add(original: Tensor, exported: Tensor): boolean {
    const b = toNumbers(original);
    const a = toNumbers(exported);
    const isExact = !original.type.startsWith('float');
    for (const value of b) if (Number.isFinite(value)) this.#scale = Math.max(this.#scale, Math.abs(value));
    this.#elements += b.length;
    let within = true;
    for (let index = 0; index < b.length; index += 1) {
      if (!this.#judge(index, a[index] ?? NaN, b[index] ?? NaN, isExact)) within = false;
    }
    return within;
  }

  #judge(index: number, exported: number, original: number, isExact: boolean): boolean {
    if (Object.is(exported, original) || exported === original) return true;
    const isFinite = Number.isFinite(exported) && Number.isFinite(original);
    const difference = isFinite ? Math.abs(exported - original) : NaN;
    const allowed = isExact ? 0 : this.atol + this.rtol * Math.abs(original);
    if (isFinite) {
      this.#maxAbsolute = Math.max(this.#maxAbsolute, difference);
      if (original !== 0) this.#maxRelative = Math.max(this.#maxRelative, difference / Math.abs(original));
    }
    const within = difference <= allowed;
    if (
      !within &&
      excess(difference, allowed) > excess(this.worst?.difference ?? 0, this.worst?.allowed ?? 0)
    ) {
      this.worst = { output: this.name, index, original, exported, difference, allowed };
    }
    return within;
  }
}

/** How many times what is allowed; nothing is worse than what is no number. */
function excess(difference: number, allowed: number): number {
  if (Number.isNaN(difference)) return Infinity;
  return difference === 0 ? 0 : difference / (allowed || Number.MIN_VALUE);
}
