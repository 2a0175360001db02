import { Cancellation } from '../batching/Cancellation';
import { systemClock } from '../batching/Clock';
import { deadlineError } from '../batching/deadlineError';
import type { CallOptions } from './CallOptions';
import { onAbort } from './onAbort';

/** Whether the caller of one call still waits. */
export interface Caller {
  /** Fires when the caller has left or its time is up; then its reason is the RW_DEADLINE. */
  readonly cancellation: Cancellation;
  /** To be called when the call has ended. */
  stop(): void;
}

/**
 * One cancellation for every way in which a caller stops waiting; `undefined` for a caller that waits for ever.
 *
 * @param where for the message of RW_DEADLINE
 */
export function watchCaller(
  { signal, timeout, cancellation: given }: CallOptions,
  where: string,
): Caller | undefined {
  if (signal === undefined && timeout === undefined) return given && { cancellation: given, stop: nothing };
  const cancellation = new Cancellation();
  const unlink = given?.onAbort(() => cancellation.abort(given.reason));
  const unlisten = signal && onAbort(signal, () => cancellation.abort(signal.reason));
  const stopTimer =
    timeout === undefined
      ? undefined
      : systemClock.after(timeout, () => cancellation.abort(deadlineError(where, timeout)));
  return {
    cancellation,
    stop() {
      unlink?.();
      unlisten?.();
      stopTimer?.();
    },
  };
}

const nothing = (): void => undefined;
