/** A proxy would not open the way. `code` is read as the code of a connection that failed. */
export class ProxyError extends Error {
  readonly code = 'EPROXY';

  /** @param status what it answered; `undefined` when it did not answer in time */
  constructor(readonly status: number | undefined) {
    super(
      status === undefined ? 'the proxy did not answer in time' : `the proxy answered with status ${status}`,
    );
  }
}
