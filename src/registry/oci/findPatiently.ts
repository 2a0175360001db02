import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds before it is asked again. */
const WAITS = [50, 150, 300];

/**
 * Asks again for what should be there. docker-registry on a file system writes the files that its tags, manifests and blobs
 * are known by in place: whoever asks while one is written again is told that there is none (measured with 2.8.2).
 */
export async function findPatiently<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const wait of WAITS) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(wait);
  }
  return ask();
}
