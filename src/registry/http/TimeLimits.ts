/** How long each phase of a request may take, in milliseconds. There is no limit for all of it: what moves may go on for hours. */
export interface TimeLimits {
  readonly lookup: number;
  /** TCP; through a proxy, until it has opened the way. */
  readonly connect: number;
  /** TLS. */
  readonly secureConnect: number;
  /** For the next 128 KiB of a body that is sent to leave. */
  readonly send: number;
  /** From the last byte sent to the head of the answer to GET and HEAD. */
  readonly response: number;
  /** The same for what changes something: a registry verifies what it got before it answers. */
  readonly change: number;
  /** For the next bytes of an answer to come. */
  readonly read: number;
}

export const TIME_LIMITS: TimeLimits = {
  lookup: 10_000,
  connect: 10_000,
  secureConnect: 10_000,
  send: 60_000,
  response: 60_000,
  change: 300_000,
  read: 60_000,
};
