/** Media types of an OCI image layout and of the CNCF ModelPack specification 0.0.7. */
export const MEDIA_TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  emptyConfig: 'application/vnd.oci.empty.v1+json',
  modelManifest: 'application/vnd.cncf.model.manifest.v1+json',
  modelConfig: 'application/vnd.cncf.model.config.v1+json',
  weight: 'application/vnd.cncf.model.weight.v1.raw',
  weightConfig: 'application/vnd.cncf.model.weight.config.v1.raw',
  code: 'application/vnd.cncf.model.code.v1.tar',
  doc: 'application/vnd.cncf.model.doc.v1.raw',
  dataset: 'application/vnd.cncf.model.dataset.v1.raw',
  /** `artifactType` of a number that is reserved but not registered. */
  reservation: 'application/vnd.runwright.reservation.v1+json',
} as const;

/** Annotation keys, the OCI's and our own. */
export const ANNOTATIONS = {
  refName: 'org.opencontainers.image.ref.name',
  filepath: 'org.cncf.model.filepath',
  /** In the index only: ISO 8601 time at which a manifest was registered under its number. */
  registeredAt: 'dev.runwright.registered-at',
  /** In the index only, on an alias's entry: the number that it points at. */
  number: 'dev.runwright.number',
  /** In the index only, on an untagged entry: the number that pointed here before, and until when. */
  formerNumber: 'dev.runwright.former-number',
  supersededAt: 'dev.runwright.superseded-at',
} as const;
