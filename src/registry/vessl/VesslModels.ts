import { numberNotFound, repositoryNotFound } from '../lookupErrors';
import type { RepositoryName } from '../Registry';
import { entryOf, readState, readStates, type ModelState } from './ModelState';
import type { VesslModel } from './VesslApi';
import type { VesslPlatform } from './VesslPlatform';
import type { Volume } from './Volume';

/** Where a blob lies. */
export interface BlobPlace {
  readonly volume: Volume;
  readonly key: string;
}

/** The numbers of model repositories, and what is registered under them. */
export class VesslModels {
  /** @param url for messages: the registry */
  constructor(
    readonly platform: VesslPlatform,
    private readonly url: string,
  ) {}

  /** A new number, and the repository too where it is missing. */
  async create(name: RepositoryName): Promise<VesslModel> {
    const { api } = this.platform;
    if (!(await api.repositoryExists(name))) await api.createRepository(name);
    return api.createModel(name);
  }

  /** By number. @throws RunwrightError RW_MODEL_NOT_FOUND (the repository) */
  async list(name: RepositoryName): Promise<VesslModel[]> {
    const { api } = this.platform;
    const models = await api.listModels(name);
    if (models !== undefined) return models;
    const names = await api.listRepositories(name.organization);
    const others = names.map((repository) => ({ organization: name.organization, repository }));
    throw repositoryNotFound(name, others, this.url);
  }

  /** @throws RunwrightError RW_MODEL_NOT_FOUND (the repository, the number) */
  async state(name: RepositoryName, number: number): Promise<ModelState> {
    const model = await this.platform.api.readModel(name, number);
    if (model !== undefined) return readState(this.platform, name, model);
    const models = await this.list(name);
    throw numberNotFound(
      name,
      number,
      models.map((other) => entryOf(name, { model: other })),
    );
  }

  /** What all numbers point at, by number. @throws RunwrightError RW_MODEL_NOT_FOUND (the repository) */
  async states(name: RepositoryName): Promise<ModelState[]> {
    return readStates(this.platform, name, await this.list(name));
  }

  /** What the numbers point at one after the other, the newest first. */
  async *newestFirst(name: RepositoryName): AsyncGenerator<ModelState> {
    for (const model of (await this.list(name)).reverse()) yield await readState(this.platform, name, model);
  }

  /** Where the blobs of all numbers lie; none of a repository that is not there. */
  async blobPlaces(name: RepositoryName): Promise<Map<string, BlobPlace>> {
    const models = (await this.platform.api.listModels(name)) ?? [];
    const places = new Map<string, BlobPlace>();
    for (const { volume, pointer } of await readStates(this.platform, name, models)) {
      for (const [digest, key] of Object.entries(pointer?.blobs ?? {})) places.set(digest, { volume, key });
    }
    return places;
  }
}
