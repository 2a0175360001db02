import { canonicalJson } from '../artifact/canonicalJson';
import { digestOf } from '../artifact/digestOf';
import { MEDIA_TYPES } from '../artifact/mediaTypes';
import type { OciManifest } from '../artifact/OciManifest';
import type { ModelEntry, Publication } from './Registry';

/** The empty config of the OCI image specification 1.1, which stands for the layer too. */
const EMPTY = Buffer.from('{}');
const DESCRIPTOR = {
  mediaType: MEDIA_TYPES.emptyConfig,
  digest: digestOf(EMPTY),
  size: EMPTY.byteLength,
};

const MANIFEST: OciManifest = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.manifest,
  artifactType: MEDIA_TYPES.reservation,
  config: DESCRIPTOR,
  layers: [DESCRIPTOR],
};

const RESERVATION = canonicalJson(MANIFEST);

/** The digest that a number points at while it is only reserved: the same one everywhere. */
export const RESERVATION_DIGEST = digestOf(RESERVATION);

/** Gives the next number, with a manifest that says that it has no package yet. */
export async function reserveNumber(publication: Publication): Promise<ModelEntry> {
  try {
    await publication.putBytes(EMPTY);
    return await publication.commit({ manifest: RESERVATION, number: null });
  } finally {
    await publication.abandon();
  }
}
