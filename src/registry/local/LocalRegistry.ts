import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BlobSource } from '../../artifact/BlobSource';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import type { ImageIndex } from '../../artifact/imageIndex';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { LayoutBlobSource } from '../../artifact/LayoutBlobSource';
import { blobPath } from '../../artifact/ociLayout';
import { formatReference, type Reference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { checkAlias } from '../checkAlias';
import { checkName } from '../checkName';
import { isBehind } from '../isBehind';
import { numberNotFound, numberNotServable, repositoryNotFound } from '../lookupErrors';
import type {
  ModelEntry,
  ModelFilter,
  Publication,
  Registry,
  RepositoryName,
  ResolvedModel,
} from '../Registry';
import { reserveNumber } from '../reserveNumber';
import { findModel } from './findModel';
import { LocalPublication } from './LocalPublication';
import { pointAlias, readModels } from './modelIndex';
import { RegistryFolder } from './RegistryFolder';
import { RepositoryFolder } from './RepositoryFolder';
import { StagingFolder } from './StagingFolder';

export interface LocalRegistryOptions {
  /** The registry's folder; a relative path is taken from the working directory. It is made by the first writing. */
  directory: string;
  /** The organization of references that name none; `default` by default. */
  defaultOrganization?: string;
}

/**
 * A registry in a folder: one OCI image layout per repository, which other tools can read.
 *
 * Any number of processes may use it at once. Writing is one atomic step, reading takes no lock.
 *
 * @example
 * const registry = new LocalRegistry({ directory: '/srv/models' });
 * const { number } = await registry.createModel({ organization: 'acme', repository: 'iris' });
 */
export class LocalRegistry implements Registry {
  readonly url: string;
  readonly defaultOrganization: string;
  readonly #folder: RegistryFolder;

  constructor({ directory, defaultOrganization = 'default' }: LocalRegistryOptions) {
    this.url = resolve(directory);
    this.defaultOrganization = defaultOrganization;
    this.#folder = new RegistryFolder(this.url);
  }

  async createModel(name: RepositoryName): Promise<ModelEntry> {
    return reserveNumber(await this.publish(name));
  }

  async listModels({ organization, repository, after, limit = Infinity }: ModelFilter = {}) {
    for (const part of [organization, repository]) if (part !== undefined) checkName(part);
    if (!(await this.#folder.exists())) return [];
    const models: ModelEntry[] = [];
    for (const name of await this.#folder.repositories(organization)) {
      if (models.length >= limit) break;
      if (repository !== undefined && repository !== name.repository) continue;
      // Not even its last number can come behind it.
      if (!isBehind({ ...name, number: Infinity }, after)) continue;
      const index = await this.#repository(name).readIndex();
      if (index === undefined) continue;
      const found = readModels(index, name).filter((model) => isBehind(model, after));
      models.push(...found.slice(0, limit - models.length));
    }
    return models;
  }

  async resolve(reference: Reference): Promise<ResolvedModel> {
    const name = {
      organization: reference.organization ?? this.defaultOrganization,
      repository: reference.repository,
    };
    const { entry, digest } = findModel(await this.#readIndex(name), name, reference);
    return { ...name, entry, digest, manifest: await this.#readManifest(name, digest) };
  }

  async readEntry(name: RepositoryName, number: number): Promise<ModelEntry> {
    return entryOf(readModels(await this.#readIndex(name), name), name, number);
  }

  blobs(name: RepositoryName): BlobSource {
    return new LayoutBlobSource(this.#repository(name).path);
  }

  async publish(name: RepositoryName): Promise<Publication> {
    const repository = this.#repository(name);
    await this.#folder.create();
    return LocalPublication.open(name, repository);
  }

  /** @throws RunwrightError RW_REFERENCE_INVALID (the alias), RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE, RW_IO */
  async setAlias(name: RepositoryName, alias: string, number: number): Promise<ModelEntry> {
    checkAlias(alias);
    // Before anything is written: the folder of a repository that is not there must not come into being here.
    await this.readEntry(name, number);
    const repository = this.#repository(name);
    const staging = await StagingFolder.create(repository.path);
    try {
      return await repository.update(staging, (index) => {
        // An alias is what services follow: it must never lead to a number that they cannot load.
        const before = entryOf(readModels(index, name), name, number);
        if (!before.servable) throw numberNotServable(name, number);
        const next = pointAlias(index, alias, number);
        return { index: next, result: entryOf(readModels(next, name), name, number) };
      });
    } finally {
      await staging.remove();
    }
  }

  #repository({ organization, repository }: RepositoryName): RepositoryFolder {
    return new RepositoryFolder(join(this.url, checkName(organization), checkName(repository)));
  }

  async #readIndex(name: RepositoryName): Promise<ImageIndex> {
    const repository = this.#repository(name);
    const index = (await this.#folder.exists()) ? await repository.readIndex() : undefined;
    if (index !== undefined) return index;
    const others: RepositoryName[] = [];
    for (const other of await this.#folder.repositories()) {
      if (
        (await this.#repository(other)
          .readIndex()
          .catch(() => undefined)) !== undefined
      )
        others.push(other);
    }
    throw repositoryNotFound(name, others, this.url);
  }

  async #readManifest(name: RepositoryName, digest: Digest): Promise<Buffer> {
    const path = blobPath(this.#repository(name).path, digest);
    const manifest = await readFile(path).catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return undefined;
      throw ioError(error, path, 'read the manifest');
    });
    if (manifest !== undefined && digestOf(manifest) === digest) return manifest;
    throw new RunwrightError('RW_PACKAGE_CORRUPT', {
      where: path,
      what: `the manifest of ${formatReference(name)} is ${manifest === undefined ? 'missing' : 'damaged: its sha256 is another'}`,
      hint: 'Register the package again, or put the file back from a backup',
    });
  }
}

function entryOf(models: readonly ModelEntry[], name: RepositoryName, number: number): ModelEntry {
  const entry = models.find((model) => model.number === number);
  if (entry === undefined) throw numberNotFound(name, number, models);
  return entry;
}
