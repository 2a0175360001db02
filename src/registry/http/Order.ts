import type { Agent } from 'node:http';
import type { HttpRequest, StreamedBody } from './HttpRequest';
import type { TimeLimits } from './TimeLimits';

/** What is sent, once. */
export interface Order {
  readonly method: HttpRequest['method'];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: StreamedBody | undefined;
  readonly where: string;
  readonly signal: AbortSignal | undefined;
  readonly agent: Agent;
  readonly limits: TimeLimits;
  /** Whether compressed answers are asked for. */
  readonly compressed: boolean;
  /** Told how many bytes of the body have left so far. */
  readonly onSent: (total: number) => void;
  /** Makes the body wait until the server asks for it, or for a second; called when it was the second. */
  readonly onIgnoredExpect?: (() => void) | undefined;
}
