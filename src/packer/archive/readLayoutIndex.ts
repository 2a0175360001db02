import { corruptBlob } from '../../artifact/corruptBlob';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { parseImageIndex } from '../../artifact/imageIndex';
import { isRecord } from '../../artifact/isRecord';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { blobPath, OCI_LAYOUT } from '../../artifact/ociLayout';
import { MAX_MANIFEST_SIZE } from '../../artifact/parseOciManifest';
import { archiveFault } from './archiveFault';
import type { TarEntry } from './listTarEntries';
import type { TarInput } from './TarInput';

/** Bytes. */
const MAX_VERSION_SIZE = 4 * 1024;
const MAX_INDEX_SIZE = 4 * 1024 * 1024;

/**
 * The one manifest that the index of an OCI image layout in a tar points at.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT when the manifest is not what the index says
 */
export async function readLayoutIndex(
  input: TarInput,
  entries: readonly TarEntry[],
): Promise<{ manifestDigest: Digest; manifest: Buffer }> {
  const { versionFile, indexFile } = OCI_LAYOUT;
  requireVersion(await readSmall(input, entries, versionFile, MAX_VERSION_SIZE), input.name);
  const { manifests } = parseImageIndex(await readSmall(input, entries, indexFile, MAX_INDEX_SIZE), (what) =>
    archiveFault(input.name, `cannot be used: ${what}`, indexFile),
  );
  const [descriptor, ...more] = manifests;
  if (descriptor === undefined || more.length > 0) {
    throw archiveFault(input.name, 'does not list exactly one package', indexFile);
  }
  const { digest, mediaType } = descriptor;
  if (mediaType !== MEDIA_TYPES.manifest) {
    throw archiveFault(input.name, 'points at something that is not an OCI image manifest', indexFile);
  }
  const manifest = await readSmall(input, entries, blobPath('', digest), MAX_MANIFEST_SIZE);
  if (digestOf(manifest) !== digest) {
    throw corruptBlob(input.name, descriptor, 'its bytes have another sha256');
  }
  return { manifestDigest: digest, manifest };
}

function requireVersion(bytes: Buffer, where: string): void {
  let layout: unknown;
  try {
    layout = JSON.parse(bytes.toString());
  } catch (cause) {
    throw archiveFault(where, 'is not JSON', OCI_LAYOUT.versionFile, cause);
  }
  if (isRecord(layout) && layout.imageLayoutVersion === '1.0.0') return;
  throw archiveFault(where, 'does not say version 1.0.0, the only one known', OCI_LAYOUT.versionFile);
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
