import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds before it is asked again. */
const WAITS = [50, 150, 300];

/**
 * Asks again for what should be there: under 16 publications at once docker-registry 2.8.2 was seen to call a blob unknown
 * that it had, as if it were writing the file anew by which it knows it.
 */
export async function findPatiently<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const wait of WAITS) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(wait);
  }
  return ask();
}
