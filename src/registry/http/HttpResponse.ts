import type { IncomingHttpHeaders } from 'node:http';
import type { ResponseBody } from './ResponseBody';

/** An answer whose head is here, and whose body is still to come. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly url: URL;
  readonly body: ResponseBody;
}
