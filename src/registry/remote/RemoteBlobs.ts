import type { Readable } from 'node:stream';
import type { Descriptor } from '../../artifact/Descriptor';
import type { PutOptions } from '../../artifact/BlobSink';
import type { BlobOrigin } from './BlobOrigin';

export interface ReadOptions {
  /** Bytes to leave out at the beginning. Default 0. */
  readonly offset?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The blobs of one repository of a registry that is reached over the network. A call tries again by itself what may be tried
 * again; what it throws is final.
 */
export interface RemoteBlobs {
  /** Whether the registry has the blob, in its full size. */
  has(descriptor: Descriptor, signal?: AbortSignal): Promise<boolean>;
  /**
   * The blob's bytes from `offset` on, as they come: nothing is verified. The stream may break; then it is asked again from
   * where it broke.
   *
   * @throws RunwrightError RW_PACKAGE_CORRUPT (the registry has no such blob), RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED
   */
  read(descriptor: Descriptor, options?: ReadOptions): Promise<Readable>;
  /**
   * Sends the blob, unless the registry turns out to have it. `onBytes` counts all of its bytes once, whichever way they
   * came there.
   */
  write(descriptor: Descriptor, origin: BlobOrigin, options?: PutOptions): Promise<void>;
}
