import type { Logger } from '../metadata/contexts';

export interface ServerOptions {
  /** Bytes that a request body may have. Default 10 MiB. */
  readonly bodyLimit?: number | undefined;
  /** Gets what callers are not told: why a prediction failed. Silent by default. */
  readonly logger?: Logger | undefined;
}
