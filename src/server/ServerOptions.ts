import type { Logger } from '../metadata/contexts';

export interface ServerOptions {
  /** Bytes that a request body may have. Default 10 MiB. */
  readonly bodyLimit?: number | undefined;
  /** Milliseconds in which a request must arrive whole; its head within 60 s in any case. Default 120000. */
  readonly requestTimeout?: number | undefined;
  /**
   * Milliseconds after which a connection on which nothing moves is cut, also while a prediction runs. Default 0: no limit,
   * as predictions may take long.
   */
  readonly connectionTimeout?: number | undefined;
  /** Milliseconds that running predictions get when the server closes; then they are called off. Default: no limit. */
  readonly closeTimeout?: number | undefined;
  /** Gets what callers are not told: why a prediction failed. Silent by default. */
  readonly logger?: Logger | undefined;
}
