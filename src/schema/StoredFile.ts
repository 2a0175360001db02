/** What there is to know of a file that arrived with a request: plain facts, which another process can be told. */
export interface StoredFile {
  /** Absolute path; the file is there until the request has its answer. */
  readonly path: string;
  /** The caller's name for it, without folders; never to be used as a path. */
  readonly filename: string;
  /** Media type, as the caller declared it. */
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
}
