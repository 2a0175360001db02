import { bufferOf } from './bufferOf';
import { RunwrightError } from '../errors/RunwrightError';
import type { Descriptor } from './Descriptor';
import { isDescriptor } from './isDescriptor';
import { isRecord } from './isRecord';
import { MEDIA_TYPES } from './mediaTypes';
import type { OciManifest } from './OciManifest';

/** Bytes; registries refuse manifests that are larger. */
export const MAX_MANIFEST_SIZE = 4 * 1024 * 1024;

/**
 * Reads the manifest of an OCI artifact.
 *
 * @param where for messages: the reference or the file that the bytes came from
 * @throws RunwrightError RW_PACKAGE_INVALID
 */
export function parseOciManifest(bytes: Uint8Array, where: string): OciManifest {
  const refuse = (what: string, hint = 'Make the package again') =>
    new RunwrightError('RW_PACKAGE_INVALID', { where, what: `the manifest cannot be used: ${what}`, hint });
  if (bytes.byteLength > MAX_MANIFEST_SIZE) {
    throw refuse(
      `it has ${bytes.byteLength} bytes, of which registries take ${MAX_MANIFEST_SIZE}`,
      'Pack fewer files: put many small ones into one',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(bufferOf(bytes).toString());
  } catch {
    throw refuse('it is not JSON');
  }
  if (!isRecord(value) || value.schemaVersion !== 2 || value.mediaType !== MEDIA_TYPES.manifest) {
    throw refuse(
      `it is not an OCI image manifest (\`schemaVersion\` 2, \`mediaType\` ${MEDIA_TYPES.manifest})`,
    );
  }
  const { artifactType, config, layers } = value;
  if (typeof artifactType !== 'string') throw refuse('it has no `artifactType`');
  if (!isDescriptor(config)) throw refuse('`config` is not a descriptor');
  if (!Array.isArray(layers)) throw refuse('`layers` is not an array');
  const bad = layers.findIndex((layer) => !isDescriptor(layer));
  if (bad !== -1) throw refuse(`\`layers[${bad}]\` is not a descriptor`);
  return {
    ...value,
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType,
    config,
    layers: layers as Descriptor[],
  };
}
