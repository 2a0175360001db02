import { join } from 'node:path';
import type { BlobSource } from '../../artifact/BlobSource';
import { cacheDirectory } from '../../artifact/cacheDirectory';
import { digestOf } from '../../artifact/digestOf';
import { formatReference, type Reference } from '../../artifact/Reference';
import { runConcurrently } from '../../lifecycle/runConcurrently';
import { checkAlias } from '../checkAlias';
import { checkName } from '../checkName';
import { HttpClient } from '../http/HttpClient';
import { RETRY_POLICY, type RetryPolicy } from '../http/RetryPolicy';
import { isBehind } from '../isBehind';
import { numberIsGiven, repositoryNotFound } from '../lookupErrors';
import type {
  Commit,
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
import { RESERVATION_DIGEST, reserveNumber } from '../reserveNumber';
import { OciAuthorizer } from './auth/OciAuthorizer';
import { chunkSizeOf } from './chunkSizeOf';
import { findTarget } from './findTarget';
import { OciBlobs } from './OciBlobs';
import { OciCommit } from './OciCommit';
import { OciModels } from './OciModels';
import { OciRepository } from './OciRepository';
import { PackageManifests } from './PackageManifests';
import { pointAlias } from './pointAlias';
import { readCatalog } from './readCatalog';
import { resolveDigest } from './resolveDigest';
import { UploadSessions } from './UploadSessions';

/** Repositories whose tags are read at once. */
const CONCURRENCY = 8;

export interface OciRegistryOptions {
  /** For people: `oci://host/prefix`. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: URL;
  /** The name under which its credentials are kept. Default: host and port of `origin`. */
  readonly host?: string | undefined;
  /** What stands before `organization/repository` in the names of repositories: `''`, or components joined by `/`. */
  readonly prefix: string;
  readonly defaultOrganization: string;
  /** Where the variables are looked up; `process.env` by default. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Bytes to send of a blob at once; `$RUNWRIGHT_UPLOAD_CHUNK`, else the whole blob, which is quicker. */
  readonly chunkSize?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/**
 * A registry of the OCI distribution specification 1.1. A model repository is a repository there, a package an artifact of
 * it, byte for byte as everywhere; numbers and aliases are tags (`tagNames.ts`).
 *
 * @example
 * const registry = new OciRegistry({
 *   url: 'oci://localhost:5000',
 *   origin: new URL('http://localhost:5000'),
 *   prefix: '',
 *   defaultOrganization: 'acme',
 * });
 */
export class OciRegistry implements Registry {
  readonly url: string;
  readonly defaultOrganization: string;
  readonly #options: OciRegistryOptions;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #retry: RetryPolicy;
  readonly #http: HttpClient;
  #cache: BlobCache | undefined;

  /** @throws RunwrightError RW_OPTION_INVALID (`$RUNWRIGHT_UPLOAD_CHUNK`) */
  constructor(options: OciRegistryOptions) {
    const { url, origin, host, defaultOrganization, environment = process.env, retry } = options;
    this.url = url;
    this.defaultOrganization = defaultOrganization;
    this.#options = { ...options, chunkSize: options.chunkSize ?? chunkSizeOf(environment) };
    this.#environment = environment;
    this.#retry = { ...RETRY_POLICY, ...retry };
    const authorizer = new OciAuthorizer({ origin, host, environment, retry });
    this.#http = new HttpClient({ authorizer, environment, retry });
  }

  async createModel(name: RepositoryName): Promise<ModelEntry> {
    return reserveNumber(await this.publish(name));
  }

  /** @throws RunwrightError RW_REGISTRY_DENIED, RW_REGISTRY_ANSWER where no repository is named and the registry does not list them */
  async listModels(filter: ModelFilter = {}): Promise<ModelEntry[]> {
    const { after, limit = Infinity } = filter;
    // Not even its last number can come behind it.
    const names = (await this.#repositories(filter)).filter((name) =>
      isBehind({ ...name, number: Infinity }, after),
    );
    const models: ModelEntry[] = [];
    const step = limit === Infinity ? CONCURRENCY : 1;
    for (let at = 0; at < names.length && models.length < limit; at += step) {
      const found = await runConcurrently(names.slice(at, at + step), step, async (name) => {
        const listed = await OciModels.read(name, this.#repository(name));
        const numbers = listed?.tags.numbers.filter((number) => isBehind({ ...name, number }, after)) ?? [];
        return listed?.entries(numbers.slice(0, limit - models.length)) ?? [];
      });
      models.push(...found.flat());
    }
    return models;
  }

  async resolve(reference: Reference): Promise<ResolvedModel> {
    const name: RepositoryName = {
      organization: reference.organization ?? this.defaultOrganization,
      repository: reference.repository,
    };
    const { number, alias, digest } = reference;
    if (digest !== undefined) {
      const readEntry = async (signal?: AbortSignal): Promise<ModelEntry | null> => {
        const models = await this.#models(name, this.#repository(name, false, signal));
        if (number !== undefined || alias !== undefined) return (await findTarget(models, reference)).entry;
        const newest = await models.newestWith(digest);
        return newest === undefined ? null : models.entry(newest);
      };
      return resolveDigest(name, digest, readEntry, this.#manifests(name));
    }
    const repository = this.#repository(name);
    const target = await findTarget(await this.#models(name, repository), reference);
    return { ...name, ...target, manifest: await this.#manifests(name).read(target.digest) };
  }

  async readEntry(name: RepositoryName, number: number): Promise<ModelEntry> {
    return (await this.#models(name, this.#repository(name))).entry(number);
  }

  blobs(name: RepositoryName): BlobSource {
    return new CachedBlobs(this.#blobs(this.#repository(name)), this.#openCache(), formatReference(name));
  }

  async publish(name: RepositoryName): Promise<Publication> {
    const blobs = this.#blobs(this.#repository(name, true));
    return Promise.resolve(
      new RemotePublication(name, blobs, (commit, signal) => this.#commit(name, commit, signal)),
    );
  }

  /** @throws RunwrightError RW_REFERENCE_INVALID (the alias), RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE */
  async setAlias(name: RepositoryName, alias: string, number: number): Promise<ModelEntry> {
    checkAlias(alias);
    const repository = this.#repository(name, true);
    await pointAlias(await this.#models(name, repository), alias, number);
    return (await this.#models(name, repository)).entry(number);
  }

  #commit(name: RepositoryName, commit: Commit, signal: AbortSignal): Promise<ModelEntry> {
    const { manifest, number, expectedDigest } = commit;
    const work = new OciCommit(name, this.#repository(name, true, signal), manifest, signal);
    if (number === null) return work.toNew(expectedDigest);
    if (digestOf(manifest) === RESERVATION_DIGEST) throw numberIsGiven(name, number);
    return work.toExisting(number, expectedDigest);
  }

  async #models(name: RepositoryName, repository: OciRepository): Promise<OciModels> {
    const models = await OciModels.read(name, repository);
    if (models !== undefined) return models;
    // Only for the message.
    const others = await this.#catalog().catch(() => undefined);
    throw repositoryNotFound(name, others, this.url);
  }

  async #repositories({ organization, repository }: ModelFilter): Promise<RepositoryName[]> {
    for (const part of [organization, repository]) if (part !== undefined) checkName(part);
    if (organization !== undefined && repository !== undefined) return [{ organization, repository }];
    return (await this.#catalog()).filter(
      (name) =>
        (organization === undefined || name.organization === organization) &&
        (repository === undefined || name.repository === repository),
    );
  }

  #catalog(): Promise<RepositoryName[]> {
    const { origin, prefix } = this.#options;
    return readCatalog(this.#http, origin, prefix, this.url);
  }

  #blobs(repository: OciRepository): OciBlobs {
    return new OciBlobs(repository, {
      sessions: new UploadSessions(this.#sessionsDirectory()),
      retry: this.#retry,
      chunkSize: this.#options.chunkSize,
    });
  }

  #repository(name: RepositoryName, writes = false, signal?: AbortSignal): OciRepository {
    const { origin, prefix } = this.#options;
    const components = [checkName(name.organization), checkName(name.repository)];
    return new OciRepository({
      http: this.#http,
      origin,
      path: [...(prefix === '' ? [] : [prefix]), ...components].join('/'),
      where: formatReference(name),
      writes,
      signal,
    });
  }

  #manifests(name: RepositoryName): PackageManifests {
    return new PackageManifests(name, this.#repository(name), this.#openCache());
  }

  #openCache(): BlobCache {
    return (this.#cache ??= BlobCache.open(this.#environment));
  }

  /** A machine without a cache may push: it starts again what breaks off. */
  #sessionsDirectory(): string | undefined {
    try {
      return join(cacheDirectory(undefined, this.#environment), 'uploads');
    } catch {
      return undefined;
    }
  }
}
