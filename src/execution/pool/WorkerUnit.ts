import type { Channel } from '../transport/Channel';

/** One started thread or process. */
export interface WorkerUnit {
  /** Of a process. */
  readonly pid: number | undefined;
  readonly channel: Channel;
  /** Resolves once it has ended, with how it did, for people: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** True when it can be ended while it works. */
  readonly killable: boolean;
  /** Ends it at once. A thread must be idle: ending it inside native code aborts the whole program. */
  kill(): void;
}

/** What a worker is started with. */
export interface UnitOptions {
  /** Absolute path of the JavaScript file that calls `runWorker`. */
  readonly program: string;
  /** Native threads. */
  readonly threads: number;
  /** Bytes. */
  readonly memoryLimit: number | undefined;
  readonly workerStdout: 'inherit' | 'stderr';
}
