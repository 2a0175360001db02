import { join } from 'node:path';
import type { BlobSource } from '../../artifact/BlobSource';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { MAX_MANIFEST_SIZE } from '../../artifact/parseOciManifest';
import { formatReference, type Reference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { checkAlias } from '../checkAlias';
import { checkName } from '../checkName';
import { isBehind } from '../isBehind';
import type {
  ModelEntry,
  ModelFilter,
  Publication,
  Registry,
  RepositoryName,
  ResolvedModel,
} from '../Registry';
import { BlobCache } from '../remote/BlobCache';
import { CachedBlobs } from '../remote/CachedBlobs';
import { RemotePublication } from '../remote/RemotePublication';
import { DeferredBlobs } from './DeferredBlobs';
import { findState } from './findState';
import { entryOf, readStates, type ModelState } from './ModelState';
import { moveAlias } from './moveAlias';
import { PackageCommit } from './PackageCommit';
import type { PackagePointer } from './PackagePointer';
import { PlacedBlobs } from './PlacedBlobs';
import { VesslModels, type BlobPlace } from './VesslModels';
import { VesslPlatform, type VesslPlatformOptions } from './VesslPlatform';

export interface VesslRegistryOptions extends VesslPlatformOptions {
  /** The organization of references that name none. */
  readonly organization: string;
}

/**
 * The models of VESSL (https://vessl.ai): a repository is a model repository, a number a model's, and the files of a package
 * lie on the model's volume. See docs/registries/vessl.md.
 *
 * @example
 * const registry = new VesslRegistry({
 *   url: 'vessl://acme',
 *   organization: 'acme',
 *   apiHost: new URL('https://api.vessl.ai'),
 * });
 */
export class VesslRegistry implements Registry {
  readonly url: string;
  readonly defaultOrganization: string;
  readonly #platform: VesslPlatform;
  readonly #models: VesslModels;
  readonly #environment: NodeJS.ProcessEnv;
  /** Where the packages lie that have been resolved. */
  readonly #resolved = new WeakMap<RepositoryName, ModelState>();
  #cache: BlobCache | undefined;

  constructor({ organization, ...options }: VesslRegistryOptions) {
    this.url = options.url;
    this.defaultOrganization = organization;
    this.#environment = options.environment ?? process.env;
    this.#platform = new VesslPlatform(options);
    this.#models = new VesslModels(this.#platform, this.url);
  }

  async createModel(name: RepositoryName): Promise<ModelEntry> {
    const checked = check(name);
    return entryOf(checked, { model: await this.#models.create(checked) });
  }

  /** Of one organization: the one of the filter, else the default one. */
  async listModels(filter: ModelFilter = {}): Promise<ModelEntry[]> {
    const { organization = this.defaultOrganization, after, limit = Infinity } = filter;
    for (const part of [organization, filter.repository]) if (part !== undefined) checkName(part);
    const { api } = this.#platform;
    const all =
      filter.repository === undefined ? await api.listRepositories(organization) : [filter.repository];
    const entries: ModelEntry[] = [];
    for (const repository of all.sort()) {
      const name = { organization, repository };
      if (entries.length >= limit) break;
      if (!isBehind({ ...name, number: Infinity }, after)) continue;
      const models = ((await api.listModels(name)) ?? []).filter(({ number }) =>
        isBehind({ ...name, number }, after),
      );
      const states = await readStates(this.#platform, name, models.slice(0, limit - entries.length));
      entries.push(...states.map((state) => entryOf(name, state, states)));
    }
    return entries;
  }

  async resolve(reference: Reference): Promise<ResolvedModel> {
    const organization = reference.organization ?? this.defaultOrganization;
    const name = { organization, repository: reference.repository };
    const { digest } = reference;
    try {
      const { state, entry, digest: found } = await findState(this.#models, name, reference);
      const resolved = { ...name, entry, digest: found, manifest: await this.#readManifest(state, found) };
      this.#resolved.set(resolved, state);
      return resolved;
    } catch (error) {
      if (digest === undefined || !RunwrightError.is(error) || error.code !== 'RW_REGISTRY_UNAVAILABLE')
        throw error;
      // Without the network, what a digest names can only be what it names here.
      const manifest = await this.#blobCache().readBytes(digest, MAX_MANIFEST_SIZE);
      if (manifest === undefined) throw error;
      return { ...name, entry: null, digest, manifest };
    }
  }

  async readEntry(name: RepositoryName, number: number): Promise<ModelEntry> {
    return entryOf(name, await this.#models.state(check(name), number));
  }

  /** Of a `ResolvedModel` the blobs are looked up on its volume; of a name alone on all volumes of the repository. */
  blobs(name: RepositoryName): BlobSource {
    const remote = this.#placed(check(name), this.#resolved.get(name));
    return new CachedBlobs(remote, this.#blobCache(), remote.where);
  }

  /** Nothing is sent before `commit`: which number, and so which volume, it goes to is only known then. */
  // eslint-disable-next-line @typescript-eslint/require-await -- a bad name rejects, as everywhere
  async publish(given: RepositoryName): Promise<Publication> {
    const name = check(given);
    const put = new DeferredBlobs(this.#placed(name), () => this.#blobCache());
    const work = new PackageCommit(this.#models, name, put, (folder) =>
      join(this.#blobCache().directory, 'vessl', folder),
    );
    return new RemotePublication(name, put, (commit, signal) => work.run(commit, signal));
  }

  async setAlias(given: RepositoryName, alias: string, number: number): Promise<ModelEntry> {
    return moveAlias(this.#models, check(given), checkAlias(alias), number);
  }

  async #readManifest(state: ModelState, digest: Digest): Promise<Buffer> {
    const cache = this.#blobCache();
    const cached = await cache.readBytes(digest, MAX_MANIFEST_SIZE);
    if (cached !== undefined) return cached;
    const bytes = (await state.volume.read(state.pointer?.blobs[digest] ?? ''))?.bytes;
    if (bytes !== undefined && digestOf(bytes) === digest) {
      await cache.writeBytes(bytes);
      return bytes;
    }
    throw new RunwrightError('RW_PACKAGE_CORRUPT', {
      where: state.volume.where,
      what: `the manifest is ${bytes === undefined ? 'missing' : 'damaged: its sha256 is another'}`,
      hint: 'Register the package again',
    });
  }

  #placed(name: RepositoryName, state?: ModelState): PlacedBlobs {
    return new PlacedBlobs(formatReference(name), () =>
      state?.pointer === undefined
        ? this.#models.blobPlaces(name)
        : Promise.resolve(placesOf(state, state.pointer)),
    );
  }

  #blobCache(): BlobCache {
    return (this.#cache ??= BlobCache.open(this.#environment));
  }
}

function placesOf({ volume }: ModelState, pointer: PackagePointer): Map<string, BlobPlace> {
  return new Map(Object.entries(pointer.blobs).map(([digest, key]) => [digest, { volume, key }]));
}

/** A `ResolvedModel` is a name too, and has more to it. */
function check({ organization, repository }: RepositoryName): RepositoryName {
  return { organization: checkName(organization), repository: checkName(repository) };
}
