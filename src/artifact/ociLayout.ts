import { join } from 'node:path';
import { RunwrightError } from '../errors/RunwrightError';
import { hexOf, isDigest, type Digest } from './Digest';

/** Names and fixed contents of an OCI image layout, version 1.0.0. */
export const OCI_LAYOUT = {
  /** The file that says that a folder is an image layout. */
  versionFile: 'oci-layout',
  versionJson: '{"imageLayoutVersion":"1.0.0"}',
  indexFile: 'index.json',
  blobsFolder: 'blobs/sha256',
} as const;

/**
 * Where a blob lies in an image layout.
 *
 * @param directory the layout's folder; '' gives the name inside an archive
 * @throws RunwrightError RW_PACKAGE_INVALID when `digest` is none: it may come out of a hostile document
 */
export function blobPath(directory: string, digest: Digest): string {
  if (!isDigest(digest)) {
    throw new RunwrightError('RW_PACKAGE_INVALID', {
      where: directory,
      what: 'a blob is named by something that is not sha256: and 64 lower-case hex digits',
      hint: 'Make the package again',
    });
  }
  return directory === ''
    ? `${OCI_LAYOUT.blobsFolder}/${hexOf(digest)}`
    : join(directory, OCI_LAYOUT.blobsFolder, hexOf(digest));
}
