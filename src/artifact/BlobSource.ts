import type { Readable } from 'node:stream';
import type { Descriptor } from './Descriptor';

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes arrive, with how many since the last call. What is here already counts at once. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Gives out blobs by descriptor. Nothing is verified here: who uses bytes checks their digest. */
export interface BlobSource {
  stream(descriptor: Descriptor): Promise<Readable>;
  /** The absolute path of the blob, when it is a file on this machine. It must never be written to. */
  localPath(descriptor: Descriptor): string | undefined;
  /**
   * Brings blobs that are far away to this machine, several at once, verified; after it `localPath` names them. Absent where
   * they are here in any case.
   */
  fetch?(descriptors: readonly Descriptor[], options?: FetchOptions): Promise<void>;
}
