/** A complete answer, errors included, ready to be written to a socket. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Length of the JSON before raw tensors: the answer's `Inference-Header-Content-Length`. */
  readonly headerLength?: number | undefined;
  /** An iterable is a stream; leaving it stops the runner. */
  readonly body: string | Uint8Array | AsyncIterable<string>;
  /** Why it is an error of which the caller is told less than there is to know: for the log of the server alone. */
  readonly failure?: unknown;
}
