declare module 'mnist' {
  /** The images of one digit, 28 by 28 pixels from 0 (paper) to 1 (ink), row by row, one after the other. */
  interface DigitImages {
    readonly id: number;
    readonly raw: readonly number[];
    /** Number of images. */
    readonly length: number;
  }
  const mnist: readonly DigitImages[];
  export default mnist;
}
