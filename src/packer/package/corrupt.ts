import type { Descriptor } from '../../artifact/Descriptor';
import { ANNOTATIONS } from '../../artifact/mediaTypes';
import { RunwrightError } from '../../errors/RunwrightError';

/** The error for bytes that are not what their digest says. */
export function corrupt(where: string, { digest, annotations }: Descriptor, what: string): RunwrightError {
  const path = annotations?.[ANNOTATIONS.filepath];
  return new RunwrightError('RW_PACKAGE_CORRUPT', {
    where: path === undefined ? where : `${where}, ${path}`,
    what: `blob ${digest}: ${what}`,
    hint: 'The stored bytes were damaged or changed: register the model again, or restore the registry from a copy',
  });
}
