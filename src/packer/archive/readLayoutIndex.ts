import { digestOf, hexOf, isDigest, type Digest } from '../../artifact/Digest';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { archiveFault } from './archiveFault';
import { corruptBlob } from './corruptBlob';
import type { TarEntry } from './listTarEntries';
import type { TarInput } from './TarInput';

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * The one manifest that the index of an OCI image layout in a tar points at.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT when the manifest is not what the index says
 */
export async function readLayoutIndex(
  input: TarInput,
  entries: readonly TarEntry[],
): Promise<{ manifestDigest: Digest; manifest: Buffer }> {
  const layout = await readJson(input, entries, 'oci-layout', 4 * KIB);
  if (layout.imageLayoutVersion !== '1.0.0') {
    throw archiveFault(input.name, 'does not say version 1.0.0, the only one known', 'oci-layout');
  }
  const { manifests } = await readJson(input, entries, 'index.json', 4 * MIB);
  const [descriptor, ...more] = Array.isArray(manifests) ? (manifests as unknown[]) : [];
  if (!isObject(descriptor) || more.length > 0) {
    throw archiveFault(input.name, 'does not list exactly one package', 'index.json');
  }
  const { digest, mediaType } = descriptor;
  if (mediaType !== MEDIA_TYPES.manifest) {
    throw archiveFault(input.name, 'points at something that is not an OCI image manifest', 'index.json');
  }
  if (!isDigest(digest))
    throw archiveFault(
      input.name,
      'names the package by something that is not a sha256 digest',
      'index.json',
    );
  const path = `blobs/sha256/${hexOf(digest)}`;
  const manifest = await readSmall(input, entries, path, 4 * MIB);
  if (digestOf(manifest) !== digest) throw corruptBlob(input.name, path);
  return { manifestDigest: digest, manifest };
}

async function readJson(
  input: TarInput,
  entries: readonly TarEntry[],
  name: string,
  limit: number,
): Promise<Record<string, unknown>> {
  const bytes = await readSmall(input, entries, name, limit);
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (isObject(value)) return value;
  } catch (cause) {
    throw archiveFault(input.name, 'is not JSON', name, cause);
  }
  throw archiveFault(input.name, 'is not a JSON object', name);
}

async function readSmall(
  input: TarInput,
  entries: readonly TarEntry[],
  path: string,
  limit: number,
): Promise<Buffer> {
  const entry = entries.find(({ name, type }) => name === path && type === 'file');
  if (entry === undefined) throw archiveFault(input.name, 'is missing: this is not an OCI archive', path);
  if (entry.size > limit) throw archiveFault(input.name, `is larger than ${limit} bytes`, path);
  return input.read(entry.offset, entry.size);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
