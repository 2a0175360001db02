import { residentBytes } from '../../artifact/residentBytes';
import type { WorkerSlot } from './WorkerSlot';

/** Milliseconds between two looks at the memory of a worker. */
export const MEMORY_INTERVAL = 1_000;

/**
 * Looks at the resident memory of the workers' processes, where the system tells it: on Linux. Elsewhere workers report
 * their own.
 *
 * @returns stops it
 */
export function watchMemory(slots: readonly WorkerSlot[]): () => void {
  const look = async (slot: WorkerSlot): Promise<void> => {
    const { pid } = slot.state;
    const bytes = pid === undefined ? undefined : await residentBytes(pid);
    // It may have been started again meanwhile.
    if (bytes !== undefined && slot.state.pid === pid) slot.judgeMemory(bytes);
  };
  const timer = setInterval(() => slots.forEach((slot) => void look(slot)), MEMORY_INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}
