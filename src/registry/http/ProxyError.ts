/** What is known of a proxy that would not open the way. */
export interface ProxyFault {
  /** What it answered. */
  readonly status?: number | undefined;
  /** Of a connection to it that failed: `ECONNREFUSED`. */
  readonly code?: string | undefined;
}

/** A proxy would not open the way; without a status and a code it did not answer in time. */
export class ProxyError extends Error {
  readonly code: string;

  /** @param proxy for people: host, port and the variable that names it */
  constructor(
    readonly proxy: string,
    readonly fault: ProxyFault = {},
  ) {
    super(`the proxy ${proxy} did not open the way`);
    // Read as the code of a connection that failed.
    this.code = fault.code ?? 'EPROXY';
  }
}
