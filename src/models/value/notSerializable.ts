import { RunwrightError } from '../../errors/RunwrightError';
import { describePlace, type Place } from './Place';

/** The default saver meets something that it could not give back as it was. */
export function notSerializable(
  place: Place | undefined,
  what: string,
  hint: string,
  cause?: unknown,
): RunwrightError {
  return new RunwrightError('RW_MODEL_NOT_SERIALIZABLE', {
    where: describePlace(place),
    what: `the default saver cannot keep ${what}`,
    hint,
    cause,
  });
}
