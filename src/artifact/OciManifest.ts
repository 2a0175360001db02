import type { Descriptor } from './Descriptor';
import type { MEDIA_TYPES } from './mediaTypes';

/** An OCI image manifest as Runwright writes and reads it. */
export interface OciManifest {
  readonly schemaVersion: 2;
  readonly mediaType: typeof MEDIA_TYPES.manifest;
  readonly artifactType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}
