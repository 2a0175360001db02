import type { Logger } from '../metadata/contexts';
import type { ModelControl } from './models/ModelControl';

export interface ServerOptions {
  /** Bytes that a request body may have, files aside, also after decompression. Default 10 MiB. */
  readonly bodyLimit?: number | undefined;
  /** Bytes that a file may have whose field names no `maxBytes`. Default 100 MiB. */
  readonly fileLimit?: number | undefined;
  /** Folder in which files wait while their request runs. Default: the system's folder for temporary files. */
  readonly uploadDirectory?: string | undefined;
  /** Requests that may wait for a model; one more is answered 429 with `Retry-After`. Those still arriving count. Default 1024. */
  readonly queue?: number | undefined;
  /**
   * Milliseconds from the arrival of a request's head in which its answer must be there; then the caller gets 504. A request may ask for less by the header
   * `x-request-timeout-ms`. Default: no limit.
   */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds for which a client may take nothing of a streamed answer; then its connection is cut, and its place in the
   * model is free. Default 60000; 0 for no limit.
   */
  readonly sendTimeout?: number | undefined;
  /** Milliseconds in which a request must arrive whole; 0 for no limit; its head within 60 s in any case. Default 120000. */
  readonly requestTimeout?: number | undefined;
  /**
   * Milliseconds after which a connection on which nothing moves is cut, also while a prediction runs. Default 0: no limit,
   * as predictions may take long.
   */
  readonly connectionTimeout?: number | undefined;
  /**
   * Milliseconds that predictions get when the server closes; then what is open, running or waiting, is called off and answered 503. What
   * has not been taken a second later is cut. Default: no limit.
   */
  readonly closeTimeout?: number | undefined;
  /** Lets clients of the Open Inference Protocol load and unload models. Off by default. */
  readonly modelControl?: ModelControl | undefined;
  /** Gets what callers are not told: why a prediction failed. Silent by default. */
  readonly logger?: Logger | undefined;
}
