import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where benches keep what takes long to install, between runs and outside the repository: `$RUNWRIGHT_BENCH_CACHE`. */
export const cacheFolder = () =>
  process.env.RUNWRIGHT_BENCH_CACHE ?? join(homedir(), '.cache', 'runwright-bench');
