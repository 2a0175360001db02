import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { BlobSource } from './BlobSource';
import { corruptBlob } from './corruptBlob';
import type { Descriptor } from './Descriptor';
import { errorCodeOf } from '../errors/errorCodeOf';
import { ioError } from '../errors/ioError';
import { blobPath } from './ociLayout';

/** The blobs of an OCI image layout folder. */
export class LayoutBlobSource implements BlobSource {
  readonly #directory: string;

  /** @param directory absolute path of the folder that holds `index.json` */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws RunwrightError RW_PACKAGE_CORRUPT (the blob is missing), RW_IO */
  async stream(descriptor: Descriptor): Promise<Readable> {
    const path = blobPath(this.#directory, descriptor.digest);
    try {
      const file = await open(path);
      return file.createReadStream({ highWaterMark: 1024 * 1024 });
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw ioError(error, path, 'open the blob');
      throw corruptBlob(path, descriptor, 'it is missing', error);
    }
  }

  localPath(descriptor: Descriptor): string {
    return blobPath(this.#directory, descriptor.digest);
  }
}
