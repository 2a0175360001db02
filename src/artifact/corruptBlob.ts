import { RunwrightError } from '../errors/RunwrightError';
import type { Descriptor } from './Descriptor';
import { ANNOTATIONS } from './mediaTypes';

/**
 * The error for bytes that are not what their digest says.
 *
 * @param where the reference or the file of the package
 * @param what what is wrong with the blob: `its bytes have another sha256`
 */
export function corruptBlob(
  where: string,
  { digest, annotations }: Pick<Descriptor, 'digest' | 'annotations'>,
  what: string,
  cause?: unknown,
): RunwrightError {
  const path = annotations?.[ANNOTATIONS.filepath];
  return new RunwrightError('RW_PACKAGE_CORRUPT', {
    where: `${where}, ${path ?? 'blob'} (${digest})`,
    what,
    hint: 'The bytes were damaged or changed: register the model again, or get the archive or the registry from a copy',
    cause,
  });
}
