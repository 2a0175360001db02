import type { RunnerHandle } from '../../lifecycle/RunnerHandle';

/** One model of a server, with what is its own. */
export interface ServedModelOptions {
  readonly handle: RunnerHandle;
  /** Name in URLs. Default: the runner's. */
  readonly name?: string | undefined;
  /** Version in URLs, a positive integer. Default: the model's number, where the handle came out of a registry. */
  readonly version?: number | undefined;
  /** Requests that may wait for the model; one more is answered 429. Default: the server's. */
  readonly queue?: number | undefined;
  /**
   * Requests that may be with the runner at once. Default: two batches of a batched runner, 64 of any other; of workers, what
   * they say.
   */
  readonly concurrency?: number | undefined;
  /** Milliseconds in which an answer must be there; a request may ask for less. `Infinity` for no limit. Default: the server's. */
  readonly timeout?: number | undefined;
}
