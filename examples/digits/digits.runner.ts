import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsNumber, Max, Min } from 'class-validator';
import { Predict, Runner } from 'runwright';

export const PIXELS = 28 * 28;

export class DigitsInput {
  /** 28 by 28 pixels, row by row, from 0 (paper) to 1 (ink). */
  @IsArray()
  @ArrayMinSize(PIXELS)
  @ArrayMaxSize(PIXELS)
  @IsNumber({}, { each: true })
  @Min(0, { each: true })
  @Max(1, { each: true })
  pixels!: number[];
}

export class DigitsOutput {
  @IsInt() @Min(0) @Max(9) digit!: number;
  /** Share of the nearest neighbours that are this digit. */
  @IsNumber() @Min(0) @Max(1) confidence!: number;
  /** How many of the nearest neighbours are each digit, from 0 to 9. */
  @IsArray() @ArrayMinSize(10) @ArrayMaxSize(10) @IsInt({ each: true }) votes!: number[];
}

/** Known digits. Plain data with typed arrays: the default saver keeps it, so the runner needs no `@Save` and no `@Load`. */
export interface DigitsModel {
  /** One image of 784 pixels after the other, from 0 to 255. */
  readonly images: Uint8Array;
  /** The digit of each image. */
  readonly labels: Uint8Array;
  /** How many neighbours vote. */
  readonly neighbours: number;
}

@Runner({ name: 'digits', description: 'Handwritten digits by their nearest neighbours' })
export class DigitsRunner {
  @Predict({ input: () => DigitsInput, output: () => DigitsOutput })
  predict({ images, labels, neighbours }: DigitsModel, { pixels }: DigitsInput): DigitsOutput {
    const image = Uint8Array.from(pixels, (pixel) => Math.round(pixel * 255));
    const nearest = Array.from({ length: neighbours }, () => ({ distance: Infinity, digit: 0 }));
    for (const [index, digit] of labels.entries()) {
      const farthest = nearest.at(-1)?.distance ?? 0;
      const distance = squaredDistance(image, images, index * PIXELS, farthest);
      if (distance >= farthest) continue;
      nearest[neighbours - 1] = { distance, digit };
      nearest.sort((a, b) => a.distance - b.distance);
    }
    const votes = Array.from(
      { length: 10 },
      (_, digit) => nearest.filter((near) => near.digit === digit).length,
    );
    const most = Math.max(...votes);
    // Among digits with as many votes, the nearest one.
    const digit = nearest.find((near) => votes[near.digit] === most)?.digit ?? 0;
    return { digit, confidence: most / neighbours, votes };
  }
}

/** Gives up, with any larger number, once `limit` is passed. */
function squaredDistance(image: Uint8Array, images: Uint8Array, start: number, limit: number): number {
  let sum = 0;
  for (let pixel = 0; pixel < PIXELS && sum < limit; pixel++) {
    const difference = (image[pixel] ?? 0) - (images[start + pixel] ?? 0);
    sum += difference * difference;
  }
  return sum;
}
