import { readFileSync } from 'node:fs';

/** Ticks of all cores since the machine started, and those of them that its host gave to others; none where /proc is missing. */
export function readTicks() {
  try {
    // user, nice, system, idle, iowait, irq, softirq, steal: proc_stat(5)
    const ticks = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/).slice(1, 9).map(Number);
    return { all: ticks.reduce((sum, count) => sum + count), stolen: ticks[7] };
  } catch {
    return { all: 0, stolen: 0 };
  }
}

/** Percent of the machine's time that its host gave to others between two readings. */
export const stolenBetween = (from, to) => (100 * (to.stolen - from.stolen)) / Math.max(1, to.all - from.all);
