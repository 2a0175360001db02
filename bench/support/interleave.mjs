import { spawnSync } from 'node:child_process';
import { median } from './median.mjs';

/** Runs commands in turn, A B A B ..., and gives the median milliseconds of each as whole processes. */
export function interleave(commands, rounds, options = {}) {
  const times = commands.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [at, args] of commands.entries()) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...options });
      const took = performance.now() - start;
      if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
      // The first round warms the disk's cache and is not counted.
      if (round >= 0) times[at].push(took);
    }
  }
  return times.map(median);
}
