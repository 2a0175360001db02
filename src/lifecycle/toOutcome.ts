import { RunwrightError } from '../errors/RunwrightError';
import type { RunOutcome } from './RunnerHandle';

/** A promise's end as a value. What is not a RunwrightError is a fault of ours and stays a rejection. */
export async function toOutcome<T>(work: Promise<T>): Promise<RunOutcome<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    if (RunwrightError.is(error)) return { ok: false, error };
    throw error;
  }
}
