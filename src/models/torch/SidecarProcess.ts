import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { StderrTail } from './StderrTail';
import { watchMemory } from './watchMemory';

/** How the native libraries of torch are told how many threads to start. */
const THREAD_VARIABLES = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'];
/** Milliseconds that the process has to end by itself once its stdin has ended. */
const GRACE = 1000;
/** Milliseconds that its last words have to arrive. */
const LAST_WORDS = 200;

export interface SidecarProcessOptions {
  /** The interpreter. */
  readonly python: string;
  /** The side-car's program. */
  readonly program: string;
  /** Threads of torch. Default: torch's own choice. */
  readonly threads?: number | undefined;
  /** Bytes of resident memory beyond which it is ended; Linux only. Default: no limit. */
  readonly memoryLimit?: number | undefined;
}

/** The process of a side-car: it ends with this one, however that ends, because its stdin does. */
export class SidecarProcess {
  /** Why it ended, for people. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #stdin: Socket;
  readonly #stdout: Socket;
  #reason: string | undefined;

  constructor(
    { python, program, threads, memoryLimit }: SidecarProcessOptions,
    onData: (piece: Buffer) => void,
  ) {
    const limits = threads === undefined ? [] : THREAD_VARIABLES.map((name) => [name, String(threads)]);
    this.#child = spawn(python, [program, String(threads ?? 0)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      env: {
        ...process.env,
        ...(Object.fromEntries(limits) as Record<string, string>),
        PYTHONUNBUFFERED: '1',
        PYTHONUTF8: '1',
        PYTHONDONTWRITEBYTECODE: '1',
        // torch loads no pickle that could run code, whoever asks it to. Known to torch since 2.4.
        TORCH_FORCE_WEIGHTS_ONLY_LOAD: '1',
      },
    });
    this.#stdin = this.#child.stdin as Socket;
    this.#stdout = this.#child.stdout as Socket;
    const stderr = this.#child.stderr as Socket;
    const tail = new StderrTail(stderr);
    this.#stdout.on('data', onData);
    // Its end says why; a write that comes too late has nothing to add.
    this.#stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
      this.#child.once('exit', (code, signal) => {
        const tell = () =>
          resolve(this.#reason ?? `it ended with ${signal ?? `exit code ${code}`}${tail.words}`);
        // Its last words may still be on their way; something that it started may hold the pipe for longer.
        stderr.once('close', tell);
        setTimeout(tell, LAST_WORDS);
      });
    });
    const { pid } = this.#child;
    if (memoryLimit !== undefined && pid !== undefined) {
      const stop = watchMemory(pid, memoryLimit, (bytes) =>
        this.kill(
          `it had ${megabytes(bytes)} of memory, more than the limit of ${megabytes(memoryLimit)} (memoryLimit)`,
        ),
      );
      void this.ended.then(stop);
    }
    this.#child.unref();
    stderr.unref();
    this.setRef(false);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** True from the moment when it is told to end: it may take a while until it has. */
  get isEnding(): boolean {
    return this.#reason !== undefined;
  }

  write(bytes: Buffer): void {
    this.#stdin.write(bytes);
  }

  /** Whether it keeps this process alive: while an answer is awaited. */
  setRef(ref: boolean): void {
    for (const stream of [this.#stdin, this.#stdout]) {
      if (ref) stream.ref();
      else stream.unref();
    }
  }

  /** @param reason what `ended` says */
  kill(reason: string): void {
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** Ends it, also in the middle of a computation. */
  async close(): Promise<void> {
    this.#reason ??= 'it was closed';
    this.#stdin.destroy();
    // Both keep this process alive until the other one has ended, so that none is left.
    this.#child.ref();
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), GRACE);
    await this.ended;
    clearTimeout(insist);
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
