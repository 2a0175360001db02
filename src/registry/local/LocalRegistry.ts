import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BlobSource } from '../../artifact/BlobSource';
import { canonicalJson } from '../../artifact/canonicalJson';
import { digestOf, type Digest } from '../../artifact/Digest';
import type { ImageIndex } from '../../artifact/imageIndex';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { LayoutBlobSource } from '../../artifact/LayoutBlobSource';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { blobPath } from '../../artifact/ociLayout';
import type { OciManifest } from '../../artifact/OciManifest';
import { formatReference, isAlias, isNameComponent, type Reference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { numberNotFound, numberNotServable, repositoryNotFound } from '../lookupErrors';
import type { ModelEntry, Publication, Registry, RepositoryName, ResolvedModel } from '../Registry';
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
    const publication = await this.publish(name);
    try {
      const empty = Buffer.from('{}');
      const descriptor = { mediaType: MEDIA_TYPES.emptyConfig, ...(await publication.putBytes(empty)) };
      const manifest: OciManifest = {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.manifest,
        artifactType: MEDIA_TYPES.reservation,
        config: descriptor,
        layers: [descriptor],
      };
      return await publication.commit({ manifest: canonicalJson(manifest), number: null });
    } finally {
      await publication.abandon();
    }
  }

  async listModels(filter: { organization?: string | undefined; repository?: string | undefined } = {}) {
    for (const part of [filter.organization, filter.repository]) if (part !== undefined) checkName(part);
    if (!(await this.#folder.exists())) return [];
    const models: ModelEntry[] = [];
    for (const name of await this.#folder.repositories(filter.organization)) {
      if (filter.repository !== undefined && filter.repository !== name.repository) continue;
      const index = await this.#repository(name).readIndex();
      if (index !== undefined) models.push(...readModels(index, name));
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
    if (!isAlias(alias)) {
      throw new RunwrightError('RW_REFERENCE_INVALID', {
        where: alias,
        what: 'this is not an alias',
        hint: 'Write at most 128 letters, digits, "_", "." and "-", not digits alone, and neither "." nor "-" first',
      });
    }
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
    // They become a path: `..` must not get through.
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

function checkName(name: string): string {
  if (isNameComponent(name)) return name;
  throw new RunwrightError('RW_REFERENCE_INVALID', {
    where: name,
    what: 'this is not a name of an organization or a repository',
    hint: 'Write at most 128 lower-case letters and digits, joined by single ".", "_" or "-"',
  });
}
