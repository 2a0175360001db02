import type { Descriptor } from './Descriptor';
import type { OciManifest } from './OciManifest';

/** Config and layers of a package, each digest once: two files with the same bytes are one blob. */
export function distinctBlobs({ config, layers }: Pick<OciManifest, 'config' | 'layers'>): Descriptor[] {
  return [...new Map([config, ...layers].map((blob) => [blob.digest, blob])).values()];
}
