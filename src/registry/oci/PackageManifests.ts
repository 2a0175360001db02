import { asRecord } from '../../artifact/asRecord';
import type { Digest } from '../../artifact/Digest';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { MAX_MANIFEST_SIZE } from '../../artifact/parseOciManifest';
import { formatReference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { digestNotFound } from '../lookupErrors';
import type { RepositoryName } from '../Registry';
import type { BlobCache } from '../remote/BlobCache';
import { findPatiently } from './findPatiently';
import type { OciRepository } from './OciRepository';

/** The manifests of a repository's packages, by digest, by way of this machine's cache. */
export class PackageManifests {
  constructor(
    private readonly name: RepositoryName,
    private readonly repository: OciRepository,
    private readonly cache: BlobCache,
  ) {}

  /** The manifest where it is on this machine. */
  async here(digest: Digest): Promise<Buffer | undefined> {
    const bytes = await this.cache.readBytes(digest, MAX_MANIFEST_SIZE);
    return bytes && this.#checked(bytes, digest);
  }

  /** @throws RunwrightError RW_MODEL_NOT_FOUND, RW_PACKAGE_INVALID (it is no package), RW_PACKAGE_CORRUPT */
  async read(digest: Digest): Promise<Buffer> {
    const here = await this.here(digest);
    if (here !== undefined) return here;
    const found = await findPatiently(() => this.repository.readManifest(digest));
    if (found === undefined) throw digestNotFound(this.name, digest);
    const manifest = this.#checked(found.bytes, digest);
    await this.cache.writeBytes(manifest);
    return manifest;
  }

  /** Refuses what a tag of another tool may point at. Whether the rest is a package is judged by who opens it. */
  #checked(manifest: Buffer, digest: Digest): Buffer {
    const { mediaType, artifactType, manifests } = parse(manifest);
    if (artifactType === MEDIA_TYPES.reservation) throw digestNotFound(this.name, digest);
    if (mediaType !== MEDIA_TYPES.index && !Array.isArray(manifests)) return manifest;
    throw new RunwrightError('RW_PACKAGE_INVALID', {
      where: formatReference({ ...this.name, digest }),
      what: 'this is an image index, which names several manifests, and no package',
      hint: 'Name one of its manifests by its digest, or copy the package itself to this tag',
    });
  }
}

function parse(manifest: Buffer): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(manifest.toString()));
  } catch {
    return {};
  }
}
