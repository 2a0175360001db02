import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsNumber, Max, Min } from 'class-validator';

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
  /** Probability of the digit, by the softmax of the network's outputs. */
  @IsNumber() @Min(0) @Max(1) confidence!: number;
}
