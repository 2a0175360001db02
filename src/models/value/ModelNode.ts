/** One object of a saved model in the making. */
export interface ModelNode {
  /** There from the start, unfinished, so that cycles can point at it; an instance is only there once it is finished. */
  made: unknown;
  /** What it holds, as spelled in `model.json`. */
  readonly slots: readonly unknown[];
  /** The name of its class. */
  readonly className?: string;
  /** Fills `made`, or returns the instance. Called once, when every instance that it refers to is there. */
  finish(read: (slot: unknown) => unknown): unknown;
}
