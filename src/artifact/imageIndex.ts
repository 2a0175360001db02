import { bufferOf } from './bufferOf';
import type { RunwrightError } from '../errors/RunwrightError';
import { canonicalJson } from './canonicalJson';
import type { Descriptor } from './Descriptor';
import { isDescriptor } from './isDescriptor';
import { isRecord } from './isRecord';
import { MEDIA_TYPES } from './mediaTypes';

/** `index.json` of an OCI image layout: which manifests there are, and under which tags. */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType: typeof MEDIA_TYPES.index;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export const EMPTY_IMAGE_INDEX: ImageIndex = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.index,
  manifests: [],
};

/**
 * @param refuse makes the error to throw from what is wrong ("it is not JSON"): an index that is damaged in a registry
 *   and one in a hostile archive are different faults
 */
export function parseImageIndex(bytes: Uint8Array, refuse: (what: string) => RunwrightError): ImageIndex {
  let value: unknown;
  try {
    value = JSON.parse(bufferOf(bytes).toString());
  } catch {
    throw refuse('it is not JSON');
  }
  if (!isRecord(value) || value.schemaVersion !== 2)
    throw refuse('it is not an OCI image index of schema version 2');
  const { manifests } = value;
  if (!Array.isArray(manifests)) throw refuse('`manifests` is not an array');
  const bad = manifests.findIndex((entry) => !isDescriptor(entry));
  if (bad !== -1) throw refuse(`\`manifests[${bad}]\` is not a descriptor`);
  // skopeo leaves `mediaType` out.
  return { ...value, schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: manifests as Descriptor[] };
}

/** The same index gives the same bytes. */
export function formatImageIndex(index: ImageIndex): Buffer {
  return canonicalJson(index);
}
