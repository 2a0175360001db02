import type { Digest } from './Digest';

/** What is known of bytes once they have been taken in. */
export interface BlobInfo {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface PutOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes go by, with how many have gone by since the last call. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * Takes in the blobs of a package that is being made. What was taken in stays invisible until the package is published.
 */
export interface BlobSink {
  /** Takes a file's bytes as they are at this moment: the digest is of what was really read. */
  putFile(path: string, options?: PutOptions): Promise<BlobInfo>;
  putBytes(bytes: Uint8Array): Promise<BlobInfo>;
}
