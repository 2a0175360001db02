import type { Readable } from 'node:stream';
import type { BlobSource, FetchOptions } from '../artifact/BlobSource';
import type { Descriptor } from '../artifact/Descriptor';
import type { Reference } from '../artifact/Reference';
import type {
  ModelEntry,
  ModelFilter,
  Publication,
  Registry,
  RepositoryName,
  ResolvedModel,
} from './Registry';

/** A registry whose driver is loaded by the first call: most who open one are about to use another. */
export class LazyRegistry implements Registry {
  #opened: Registry | undefined;
  #opening: Promise<Registry> | undefined;

  /** @param load imports the driver */
  constructor(
    readonly url: string,
    readonly defaultOrganization: string,
    private readonly load: () => Promise<Registry>,
  ) {}

  async createModel(name: RepositoryName): Promise<ModelEntry> {
    return (await this.#open()).createModel(name);
  }

  async listModels(filter?: ModelFilter): Promise<ModelEntry[]> {
    return (await this.#open()).listModels(filter);
  }

  async resolve(reference: Reference): Promise<ResolvedModel> {
    return (await this.#open()).resolve(reference);
  }

  async readEntry(name: RepositoryName, number: number): Promise<ModelEntry> {
    return (await this.#open()).readEntry(name, number);
  }

  async publish(name: RepositoryName): Promise<Publication> {
    return (await this.#open()).publish(name);
  }

  async setAlias(name: RepositoryName, alias: string, number: number): Promise<ModelEntry> {
    return (await this.#open()).setAlias(name, alias, number);
  }

  blobs(name: RepositoryName): BlobSource {
    return this.#opened?.blobs(name) ?? new LazyBlobs(async () => (await this.#open()).blobs(name));
  }

  async #open(): Promise<Registry> {
    this.#opening ??= this.load();
    try {
      return (this.#opened = await this.#opening);
    } catch (error) {
      // What was wrong with it may be set right by the next call.
      this.#opening = undefined;
      throw error;
    }
  }
}

/** Blobs that are asked for before anything else of the registry was. */
class LazyBlobs implements BlobSource {
  #blobs: BlobSource | undefined;

  constructor(private readonly open: () => Promise<BlobSource>) {}

  async stream(descriptor: Descriptor): Promise<Readable> {
    return (await this.#source()).stream(descriptor);
  }

  localPath(descriptor: Descriptor): string | undefined {
    return this.#blobs?.localPath(descriptor);
  }

  async fetch(descriptors: readonly Descriptor[], options?: FetchOptions): Promise<void> {
    await (await this.#source()).fetch?.(descriptors, options);
  }

  async #source(): Promise<BlobSource> {
    return (this.#blobs ??= await this.open());
  }
}
