import { RunwrightError } from '../../errors/RunwrightError';

/** @param blob a digest, or the path of a blob in an archive: never more than some known form */
export function corruptBlob(where: string, blob: string): RunwrightError {
  return new RunwrightError('RW_PACKAGE_CORRUPT', {
    where,
    what: `the bytes of ${blob} are not those that the digest was made of; they were damaged or changed since`,
    hint: 'Nothing was written. Get the package again from where it came, or make it anew',
  });
}
