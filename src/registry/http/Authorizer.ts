import type { IncomingHttpHeaders } from 'node:http';
import type { HttpRequest } from './HttpRequest';

/** Proves to one service who is asking. It is asked for each try, and its headers go to the service's own origin alone. */
export interface Authorizer {
  /** The service's scheme, host and port, as `URL.origin` gives them. Nothing that is asked of another origin, or redirected there, gets the headers. */
  readonly origin: string;
  /** The command that logs in to the service, for messages. */
  readonly login?: string | undefined;
  /** Headers to send along, such as `authorization`. */
  headers(request: HttpRequest): Promise<Readonly<Record<string, string>>>;
  /**
   * Told of a 401 or 403 of the service.
   *
   * @returns true when there are other headers now, with which it is worth being sent again
   */
  refused(
    request: HttpRequest,
    answer: { readonly status: number; readonly headers: IncomingHttpHeaders },
  ): Promise<boolean>;
}
