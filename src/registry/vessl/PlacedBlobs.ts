import type { Readable } from 'node:stream';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ReadOptions, RemoteBlobs } from '../remote/RemoteBlobs';
import type { BlobPlace } from './VesslModels';

/** Blobs of packages that are registered; to be read alone, since where a new one goes only its manifest says. */
export class PlacedBlobs implements RemoteBlobs {
  #places: Promise<ReadonlyMap<string, BlobPlace>> | undefined;

  /**
   * @param where for messages: the repository
   * @param find looks up where blobs lie; asked once, by the first that is read
   */
  constructor(
    readonly where: string,
    private readonly find: () => Promise<ReadonlyMap<string, BlobPlace>>,
  ) {}

  /** Whether a pointer names the blob; whether it is there all the same is not looked at. */
  async knows({ digest }: Descriptor): Promise<boolean> {
    return (await this.#find()).has(digest);
  }

  async has({ digest, size }: Descriptor, signal?: AbortSignal): Promise<boolean> {
    const place = (await this.#find()).get(digest);
    return place !== undefined && (await place.volume.head(place.key, signal))?.size === size;
  }

  async read(descriptor: Descriptor, options?: ReadOptions): Promise<Readable> {
    const place = (await this.#find()).get(descriptor.digest);
    if (place === undefined) throw corruptBlob(this.where, descriptor, 'it is missing in the repository');
    const stream = await place.volume.stream(place.key, options);
    if (stream !== undefined) return stream;
    const what = `it is missing on the volume of the model (${place.key})`;
    throw corruptBlob(place.volume.where, descriptor, what);
  }

  write(): Promise<void> {
    return Promise.reject(
      new RunwrightError('RW_OPTION_INVALID', {
        where: this.where,
        what: 'the blobs of a registered package cannot be written',
        hint: 'Use `publish`',
      }),
    );
  }

  #find(): Promise<ReadonlyMap<string, BlobPlace>> {
    return (this.#places ??= this.find().catch((error: unknown) => {
      this.#places = undefined;
      throw error;
    }));
  }
}
