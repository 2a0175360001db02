/** What a message is about. Numbers, as they cross to a worker of the same build only. */
export const KIND = {
  // To the worker
  open: 1,
  exchange: 2,
  run: 3,
  runMany: 4,
  stream: 5,
  cancel: 6,
  credit: 7,
  close: 8,
  // From the worker
  ready: 16,
  failed: 17,
  answer: 18,
  error: 19,
  /** An answer that goes on: items follow, then `end` or `error`. */
  opened: 20,
  item: 21,
  end: 22,
  log: 23,
  memory: 24,
  closed: 25,
  /** The answer to a `cancel`: its run has begun. */
  begun: 26,
  /** Whether runs block the worker, so that what it is given besides would only wait there: `1` or `0`. */
  pace: 27,
} as const;

export type MessageKind = (typeof KIND)[keyof typeof KIND];

/** A message as it is sent. */
export interface Message {
  readonly kind: MessageKind;
  /** Of the request; 0 for what is about the worker as a whole. */
  readonly id: number;
  /** Short text, mostly JSON. Default empty. */
  readonly meta?: string | undefined;
  /** Default empty. */
  readonly body?: string | Uint8Array | undefined;
  /** The byte of the body that must arrive on an address that is a multiple of 8. Default: none. */
  readonly alignAt?: number | undefined;
  /** True when nobody else has a use for the bytes of the body, which may then be moved instead of copied. */
  readonly owned?: boolean | undefined;
}

/** A message as it arrives. */
export interface ReceivedMessage {
  readonly kind: MessageKind;
  readonly id: number;
  readonly meta: string;
  /** A view of memory that holds nothing else that is ever written. */
  readonly body: Uint8Array;
}
