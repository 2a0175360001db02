import type { Worker } from 'node:worker_threads';

const threads = new Set<Worker>();

/** Counts a thread as live until it has ended. */
export function trackThread(thread: Worker): void {
  threads.add(thread);
  thread.once('exit', () => threads.delete(thread));
}

/** While there is one, `process.exit` may abort the program: the thread may be inside native code. */
export function hasLiveThreads(): boolean {
  return threads.size > 0;
}

/** Resolves when every thread has ended; until then the program goes on. */
export async function untilThreadsEnd(): Promise<void> {
  const ends = [...threads].map(
    (thread) =>
      new Promise<void>((resolve) => {
        thread.ref();
        thread.once('exit', () => resolve());
      }),
  );
  await Promise.all(ends);
}
