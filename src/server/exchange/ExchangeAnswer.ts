/** A complete answer, errors included, ready to be written to a socket. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Length of the JSON before raw tensors: the answer's `Inference-Header-Content-Length`. */
  readonly headerLength?: number;
  /** Several parts are written one after another. An iterable is a stream; leaving it stops the runner. */
  readonly body: string | Uint8Array | readonly Uint8Array[] | AsyncIterable<string>;
}
