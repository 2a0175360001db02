/** A file on this machine and where it goes in a package. */
export interface PackageFile {
  /** Absolute path. */
  readonly source: string;
  /** Path in the package, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  /** Bytes, when it was looked at. */
  readonly size: number;
}
