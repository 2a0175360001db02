import { resolve } from 'node:path';
import type { Digest } from '../artifact/Digest';
import { HashingBlobSink } from '../artifact/HashingBlobSink';
import { writeArchive } from '../packer/archive/writeArchive';
import { NOTHING_KEPT } from './KeptModel';
import { writePackage, type PackageParts } from './writePackage';

export interface BuiltPackage {
  /** Absolute path of the archive. */
  readonly file: string;
  /** Of the package, which is the digest that a registry gives it; not of the file. */
  readonly digest: Digest;
  /** Bytes of the file. */
  readonly size: number;
}

/**
 * Packs the parts into one file, an OCI archive.
 *
 * @param path default: the runner's name and `.runwright.tar`, in the working directory
 */
export function writePackageFile(
  parts: Omit<PackageParts, 'kept'>,
  path: string | undefined,
): Promise<BuiltPackage> {
  const { runner, signal } = parts;
  const file = resolve(path ?? `${runner.name}.runwright.tar`);
  return writePackage<HashingBlobSink, BuiltPackage>(
    { ...parts, kept: NOTHING_KEPT },
    async (use) => use(new HashingBlobSink()),
    async ({ manifest, digest, blobs }, source) => {
      const { size } = await writeArchive({
        file,
        manifest,
        manifestDigest: digest,
        name: runner.name,
        blobs,
        source,
        ...(signal && { signal }),
      });
      return { file, digest, size };
    },
  );
}
