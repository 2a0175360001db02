/** How far an element of the export may be from the original's: `|a - b| <= atol + rtol * |b|`. */
export interface Tolerance {
  /** Default 1e-5 times the largest magnitude among the elements of the output that are not equal to the last bit. */
  readonly atol?: number | undefined;
  /** Default 1e-4. */
  readonly rtol?: number | undefined;
}

export const DEFAULT_RTOL = 1e-4;
