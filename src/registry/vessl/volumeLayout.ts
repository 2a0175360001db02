import { hexOf, type Digest } from '../../artifact/Digest';

/** Makes a package visible; see `PackagePointer`. */
export const POINTER_KEY = 'vessl.runwright.json';
/** What the Python SDK reads of a model first. */
export const MANIFEST_KEY = 'vessl.manifest.yaml';
/** What has no path of its own in the package, and what found its place taken. */
export const BLOBS_FOLDER = 'vessl.runwright';

/** Where a blob can lie on every volume: its bytes have this name, so nobody is disturbed by who writes it. */
export function blobKey(digest: Digest): string {
  return `${BLOBS_FOLDER}/${hexOf(digest)}`;
}
