/**
 * How an ONNX file is opened: onnxruntime's own session options by their own names, and what Runwright needs to know.
 * Plain JSON, kept in a package. Options that name files are not taken: a package must not say where its host reads or writes.
 *
 * @see https://onnxruntime.ai/docs/api/js/interfaces/InferenceSession.SessionOptions.html
 */
export interface OnnxOptions {
  /** In order of preference. Default: the CPU. */
  readonly executionProviders?: readonly (string | OnnxExecutionProvider)[];
  /** Threads within one operator. Default: the number of threads that the runner may use, or onnxruntime's own choice. */
  readonly intraOpNumThreads?: number;
  /** Threads across operators, where `executionMode` is `parallel`. */
  readonly interOpNumThreads?: number;
  /** Default `all`. */
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all';
  /** Default `sequential`. */
  readonly executionMode?: 'sequential' | 'parallel';
  /** Default true. */
  readonly enableCpuMemArena?: boolean;
  /** Default true. */
  readonly enableMemPattern?: boolean;
  /** 0 (verbose) to 4 (fatal), written to stderr by onnxruntime itself. Default 4: errors are thrown, not written. */
  readonly logSeverityLevel?: 0 | 1 | 2 | 3 | 4;
  /** Stands in what onnxruntime writes. */
  readonly logId?: string;
  /** Configuration entries of the session, nested by the dots of their keys: `{ session: { intra_op: { allow_spinning: '0' } } }`. */
  readonly extra?: OnnxExtra;
  /**
   * True where dimension 0 of every input and output counts items, although the file does not say so by one name for all;
   * false where it does not, although the file says so. Default: as the file says.
   */
  readonly batch?: boolean;
}

/** An execution provider with its settings: `{ name: 'cuda', deviceId: 1 }`. */
export interface OnnxExecutionProvider {
  readonly name: string;
  readonly [setting: string]: string | number | boolean;
}

export interface OnnxExtra {
  readonly [key: string]: string | OnnxExtra;
}
