import type { Readable } from 'node:stream';
import type { Descriptor } from './Descriptor';

/** Gives out blobs by descriptor. Nothing is verified here: who uses bytes checks their digest. */
export interface BlobSource {
  stream(descriptor: Descriptor): Promise<Readable>;
  /** The absolute path of the blob, when it is a file on this machine. It must never be written to. */
  localPath(descriptor: Descriptor): string | undefined;
}
