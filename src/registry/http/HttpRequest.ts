import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** A body that is streamed: opened anew for every try. */
export interface StreamedBody {
  /** Bytes. It goes out as Content-Length, never chunked. */
  readonly size: number;
  open(): Promise<Readable>;
}

/** One request, and what may become of it. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** Without `authorization`, which is the authorizer's. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | StreamedBody | undefined;
  /** Statuses that are answers to the caller. Default: 200 to 299. */
  readonly accept?: readonly number[] | undefined;
  /** Bytes that the answer to `send` may have. Default: 8 MiB. */
  readonly maxBytes?: number | undefined;
  /** Whether it may be sent again after a failure. Default: all methods but POST and PATCH. */
  readonly repeatable?: boolean | undefined;
  /** What the authorizer needs to know of it: for OCI the scope, such as `repository:acme/iris:pull`. */
  readonly scope?: string | undefined;
  /** For messages: the reference or the registry. */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
  /** Called as the body goes out, with how many bytes since the last call; never more in all than its size, also when it is sent again. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The last one of a chain of redirects. */
  readonly url: URL;
  readonly body: Buffer;
}

export interface HttpDownload extends Omit<HttpAnswer, 'body'> {
  /** It fails with RW_REGISTRY_UNAVAILABLE when the connection breaks or stalls, or ends before Content-Length. */
  readonly stream: Readable;
}
