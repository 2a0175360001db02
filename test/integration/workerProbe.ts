import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionOptions } from '../../src/execution/ExecutionOptions';
import type { WorkerHandle } from '../../src/execution/WorkerHandle';
import type { Logger } from '../../src/metadata/contexts';
import { withEntryRunner } from '../../src/registrar/withEntryRunner';

const FIXTURES = join(__dirname, 'fixtures/workers');
const LOG = join(tmpdir(), `runwright-probe-${process.pid}.log`);

export interface ProbeOptions extends ExecutionOptions {
  readonly runner?: 'probe' | 'count';
  readonly logger?: Logger;
  readonly warmUp?: readonly unknown[];
  readonly signal?: AbortSignal;
  /** Variables of the environment that the runner's code sees. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs `use` on a fixture runner in workers, which are told what to do by their inputs. */
export async function withProbe<T>(
  { runner = 'probe', environment = {}, ...options }: ProbeOptions,
  use: (handle: WorkerHandle<unknown, unknown>) => Promise<T>,
): Promise<T> {
  const variables: Record<string, string> = { PROBE_LOG: LOG, ...environment };
  rmSync(LOG, { force: true });
  Object.assign(process.env, variables);
  try {
    const entry = join(FIXTURES, `${runner}.runner.ts`);
    return await withEntryRunner({ entry, execution: 'process', ...options }, (handle) =>
      use(handle as WorkerHandle),
    );
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

/** What the runners have noted, line by line. */
export function probeLog(): string[] {
  try {
    return readFileSync(LOG, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

/** True while there is such a process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
