/** File name of a bundle inside a package. */
export const BUNDLE_FILE = 'index.mjs';

/** A package that stays outside the bundle because it holds compiled code. */
export interface NativePackage {
  readonly name: string;
  /** The exact version that is installed where the bundle was made. */
  readonly version: string;
}

/** Something that does not stop the build and that the user should know. */
export interface BundleWarning {
  /** `file:line:column`, or the name of a package. */
  readonly where: string;
  readonly what: string;
  readonly hint: string;
}

/** The code of a package: one ES module. */
export interface Bundle {
  /** The module, to be stored as `BUNDLE_FILE`. The same sources give the same bytes on every machine. */
  readonly code: Buffer;
  /** Native packages that stayed outside, sorted by name. They become requirements. */
  readonly natives: readonly NativePackage[];
  /** Names of all packages that stayed outside, sorted: natives, and declared requirements that are imported. */
  readonly externals: readonly string[];
  readonly warnings: readonly BundleWarning[];
}

export interface BundleOptions {
  /** Absolute path of the module that exports the runner class: TypeScript or JavaScript, ESM or CommonJS. */
  readonly entry: string;
  /**
   * Text of the entry, where it is not a file: `entry` is then the absolute path of a module that need not exist, in the
   * folder that its imports are looked up from. Its extension says what language the text is.
   */
  readonly source?: string | undefined;
  /** Names of packages that the user declared as requirements: they stay outside. */
  readonly requirements?: readonly string[];
}
