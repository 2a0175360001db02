export interface BodyLimits {
  /** Bytes of a body, its files aside. */
  readonly bodyLimit: number;
  /** Bytes of a file whose field names no limit. */
  readonly fileLimit: number;
}
