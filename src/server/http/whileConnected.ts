import type { ServerResponse } from 'node:http';
import { Cancellation } from '../../batching/Cancellation';

/** Fires when the client leaves before it has its whole answer, at once when it has left. */
export function whileConnected(response: ServerResponse): Cancellation {
  const cancellation = new Cancellation();
  const leave = (): void => {
    if (!response.writableFinished) cancellation.abort(new Error('the client has left'));
  };
  if (response.destroyed) leave();
  else response.on('close', leave);
  return cancellation;
}
