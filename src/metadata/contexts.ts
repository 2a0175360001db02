/** Where stages write what they have to say. Silent unless the caller of the runner gives one. pino fits as it is. */
export interface Logger {
  debug(...args: unknown[]): void;
  info(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
}

/** What `@Save` returns and `@Load` gets. */
export type Props = Readonly<Record<string, string>>;

/**
 * Registered key to the absolute path where it is now. The key is the path in the package as it was registered: `labels.txt`
 * for a file, `voices/*` for a folder.
 */
export type Artifacts = Readonly<Record<string, string>>;

/** The last argument of `@Save`. */
export interface SaveContext {
  /** Absolute path of an empty folder: write the model's files here. The working directory is never changed. */
  readonly directory: string;
  readonly logger: Logger;
}

/** The last argument of `@Load`. */
export interface LoadContext {
  /** Absolute path of the folder that holds what `@Save` wrote. Its files are read-only. */
  readonly directory: string;
  /**
   * Native threads that the model should use: the cores, or the share of this worker in them. A library is told when its
   * model is opened, as in `InferenceSession.create(file, { intraOpNumThreads: context.threads })`.
   */
  readonly threads: number;
  readonly logger: Logger;
}

/** The last argument of `@Preprocess`, `@Predict` and `@Postprocess`. */
export interface RunContext {
  /** Fires when the caller has left or a deadline has passed. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly requestId: string;
}

/** The last argument of a batched `@Predict`. */
export interface BatchContext {
  /** Fires when every caller of the batch has left. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** One for each element of the input array, in its order. */
  readonly items: readonly { readonly signal: AbortSignal; readonly requestId: string }[];
}
