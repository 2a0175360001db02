import { residentBytes } from '../../artifact/residentBytes';

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
