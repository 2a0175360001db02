import { readFile } from 'node:fs/promises';

/** Milliseconds between two looks. */
const INTERVAL = 100;

/**
 * Looks at the resident memory of a process, where the system tells it: on Linux.
 *
 * @param limit bytes
 * @param onExceeded called once, with the bytes that it has
 * @returns stops it
 */
export function watchMemory(pid: number, limit: number, onExceeded: (bytes: number) => void): () => void {
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => {
      if (bytes === undefined || bytes <= limit || stopped) return;
      stop();
      onExceeded(bytes);
    });
  }, INTERVAL);
  let stopped = false;
  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  timer.unref();
  return stop;
}

async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1');
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
