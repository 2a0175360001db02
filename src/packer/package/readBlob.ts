import type { BlobSource } from '../../artifact/BlobSource';
import type { Descriptor } from '../../artifact/Descriptor';
import { verifiedChunks } from '../../artifact/verifiedChunks';

/** A small blob, whole, with its digest checked. @throws RunwrightError RW_PACKAGE_CORRUPT */
export async function readBlob(source: BlobSource, descriptor: Descriptor, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of verifiedChunks(await source.stream(descriptor), descriptor, where)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
