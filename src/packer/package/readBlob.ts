import type { BlobSource } from '../../artifact/BlobSource';
import type { Descriptor } from '../../artifact/Descriptor';
import { digestOf } from '../../artifact/Digest';
import { corrupt } from './corrupt';

/** A small blob, whole, with its digest checked. @throws RunwrightError RW_PACKAGE_CORRUPT */
export async function readBlob(source: BlobSource, descriptor: Descriptor, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of await source.stream(descriptor)) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > descriptor.size) throw corrupt(where, descriptor, 'it is longer than its size');
    chunks.push(bytes);
  }
  const bytes = Buffer.concat(chunks);
  if (digestOf(bytes) !== descriptor.digest)
    throw corrupt(where, descriptor, 'its bytes have another sha256');
  return bytes;
}
