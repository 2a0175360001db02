import type { Readable } from 'node:stream';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import type { ReadOptions } from '../remote/RemoteBlobs';
import type { BlobPlace } from './VesslModels';

/**
 * The bytes of a blob where a pointer says that they lie.
 *
 * @throws RunwrightError RW_PACKAGE_CORRUPT (they are not there), and what `Volume.stream` throws
 */
export async function readPlaced(
  { volume, key }: BlobPlace,
  descriptor: Descriptor,
  options?: ReadOptions,
): Promise<Readable> {
  const stream = await volume.stream(key, options);
  if (stream !== undefined) return stream;
  throw corruptBlob(volume.where, descriptor, `it is missing on the volume of the model (${key})`);
}
