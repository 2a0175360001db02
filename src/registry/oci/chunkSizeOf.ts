import { RunwrightError } from '../../errors/RunwrightError';

/** Bytes: less would be more requests than bytes. */
const SMALLEST = 64 * 1024;

/**
 * `$RUNWRIGHT_UPLOAD_CHUNK`: bytes to send of a blob at once; `undefined` to send it whole.
 *
 * @throws RunwrightError RW_OPTION_INVALID
 */
export function chunkSizeOf(environment: NodeJS.ProcessEnv): number | undefined {
  const text = environment['RUNWRIGHT_UPLOAD_CHUNK'] || undefined;
  if (text === undefined) return undefined;
  const size = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(size) && size >= SMALLEST) return size;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'RUNWRIGHT_UPLOAD_CHUNK',
    what: 'this is not a size of a chunk',
    hint: `Write a number of bytes, at least ${SMALLEST}, such as 16777216; leave it out to send blobs whole`,
  });
}
