import type { ServerResponse } from 'node:http';
import { Cancellation } from '../../batching/Cancellation';

/** Fires when the client leaves before it has its whole answer. */
export function whileConnected(response: ServerResponse): Cancellation {
  const cancellation = new Cancellation();
  response.on('close', () => {
    if (!response.writableFinished) cancellation.abort(new Error('the client has left'));
  });
  return cancellation;
}
