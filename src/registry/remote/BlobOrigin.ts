import type { Readable } from 'node:stream';
import type { BlobSource } from '../../artifact/BlobSource';

/** Where the bytes of a blob that is sent come from: as often as they are needed, from wherever in them. */
export interface BlobOrigin {
  /**
   * The bytes from `offset` on.
   *
   * @throws RunwrightError RW_IO, also from within the stream: the file is no longer what was hashed
   */
  open(offset: number): Promise<Readable>;
  /** The blobs that it is one of, when it comes out of a registry: a driver may know a shorter way between two of its own. */
  readonly source?: BlobSource | undefined;
}
