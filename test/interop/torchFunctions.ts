import { IsArray, IsInt, IsNumber, Max, Min } from 'class-validator';

const LARGEST = 100;

export class Measured {
  @IsArray() @IsNumber({}, { each: true }) values!: number[];
}

export class Winner {
  @IsInt() @Min(0) @Max(2) winner!: number;
}

/** Leans on its module, so it travels only as an export of it. */
export function scale({ values }: Measured): number[] {
  return values.map((value) => value / LARGEST);
}

export const pick = ({ output }: { output: { data: Float32Array } }): Winner => ({
  winner: output.data.indexOf(Math.max(...output.data)),
});
