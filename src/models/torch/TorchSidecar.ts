import { join } from 'node:path';
import { packageRoot } from '../../artifact/packageRoot';
import { RunwrightError } from '../../errors/RunwrightError';
import type { TensorRecord } from '../tensor/TensorModel';
import { tensorInvalid } from '../tensor/tensorInvalid';
import { PythonError, type PythonFault } from './PythonError';
import { runCalledOff } from './runCalledOff';
import { encodeFrame, readTensors, type TensorList } from './sidecarFrame';
import { SidecarFrameReader } from './SidecarFrameReader';
import { SidecarProcess, type SidecarProcessOptions } from './SidecarProcess';
import type { TorchFileKind } from './TorchFileKind';
import type { TorchProgram } from './TorchProgram';

export interface SidecarOptions extends Omit<SidecarProcessOptions, 'program'> {
  /** Default: the one of this Runwright. */
  readonly program?: string | undefined;
  /** For messages: the model's file. */
  readonly where: string;
}

export interface SidecarCallOptions {
  /** A call that has not begun is dropped when it fires; one that has goes on, and nobody waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, counted while the side-car works on this call; when they are over, it is ended. */
  readonly timeout: number;
}

export interface TorchExport {
  /** Where the ONNX file is written: an absolute path. Large weights may become files beside it. */
  readonly file: string;
  readonly outputs: readonly string[];
  /** By input and output, then by dimension: the name of a free one. */
  readonly axes: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** The inputs that a TorchScript program is traced with, with a batch of 2 or more. Their names become the model's. */
  readonly examples: TensorRecord;
}

interface Answer extends Readonly<Record<string, unknown>> {
  readonly id: number;
  readonly error?: PythonFault;
}

interface Call {
  readonly timeout: number;
  readonly resolve: (answer: { header: Answer; body: Uint8Array }) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A Python process that has one torch model: calls go to it one after the other, and several may wait. It keeps this process
 * alive only while an answer is awaited.
 *
 * Every call throws RunwrightError RW_WORKER_FAILED when the process has ended, with its exit code or signal and its last
 * words; RW_DEADLINE when the call took too long, which ends the process; RW_ABORTED when the caller's signal fired.
 */
export class TorchSidecar {
  /** Why the process ended, for people. */
  readonly ended: Promise<string>;
  readonly #where: string;
  readonly #process: SidecarProcess;
  /** In the order in which they are answered; the first is being worked on. */
  readonly #calls = new Map<number, Call>();
  #last = 0;
  #death: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the process; a fault of the start shows in the first call. */
  constructor({
    where,
    program = join(packageRoot().path, 'dist/python/sidecar.py'),
    ...options
  }: SidecarOptions) {
    this.#where = where;
    const reader = new SidecarFrameReader((header, body) => this.#take(header as Answer, body));
    this.#process = new SidecarProcess({ ...options, program }, (piece) => {
      try {
        reader.push(piece);
      } catch (error) {
        this.#process.kill(`its answers could not be read (${(error as Error).message})`);
      }
    });
    this.ended = this.#process.ended;
    void this.ended.then((reason) => this.#die(reason));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** True when a call would be lost with the process. */
  get isEnding(): boolean {
    return this.#process.isEnding || this.#death !== undefined;
  }

  /**
   * Loads the model; to be called once, first.
   *
   * @param names of the inputs, in the order of forward's parameters, where they are not the file's own
   * @throws RunwrightError RW_MODEL_FILE_INVALID when torch cannot load it; RW_PYTHON_MISSING when torch cannot be imported
   */
  async load(
    file: string,
    kind: TorchFileKind,
    names: readonly string[],
    options: SidecarCallOptions,
  ): Promise<TorchProgram> {
    try {
      const { header } = await this.#call('load', { file, kind, names }, {}, options);
      return header as unknown as TorchProgram;
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      const isUnusable = error.type === 'TorchUnusable';
      throw new RunwrightError(isUnusable ? 'RW_PYTHON_MISSING' : 'RW_MODEL_FILE_INVALID', {
        where: this.#where,
        what: isUnusable
          ? `torch is installed but cannot be imported (${error.message})`
          : `torch cannot load the file (${error.summary})`,
        hint: isUnusable
          ? 'Mend the installation of torch, or name another Python with RUNWRIGHT_PYTHON'
          : 'Save it again with this version of torch, or install the version that saved it',
        cause: error,
      });
    }
  }

  /**
   * @param inputs checked already; copied at once
   * @throws RunwrightError RW_STAGE_FAILED with the reason when the model raises an error
   */
  async run(inputs: TensorRecord, options: SidecarCallOptions): Promise<TensorRecord> {
    try {
      const { header, body } = await this.#call('run', {}, inputs, options);
      return readTensors(header['tensors'] as TensorList, body);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      throw new RunwrightError('RW_STAGE_FAILED', {
        where: this.#where,
        what: `the model failed (${error.summary})`,
        hint: 'Look at the cause: it has the last lines of the Python traceback',
        cause: error,
      });
    }
  }

  /**
   * Writes the model as ONNX.
   *
   * @throws RunwrightError RW_EXPORT_FAILED with the last lines of the Python traceback
   */
  async export(
    { file, outputs, axes, examples }: TorchExport,
    options: SidecarCallOptions,
  ): Promise<{ readonly opset: number; readonly seconds: number }> {
    try {
      const inputs = Object.keys(examples);
      const { header } = await this.#call('export', { file, inputs, outputs, axes }, examples, options);
      return { opset: header['opset'] as number, seconds: header['seconds'] as number };
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      throw new RunwrightError('RW_EXPORT_FAILED', {
        where: this.#where,
        what: `torch cannot export the model to ONNX:\n    ${error.traceback.join('\n    ')}`,
        hint: "Let the model's forward use operations that ONNX has and give tensors, not a dict; or register it with runtime: 'torch', which runs it in Python",
        cause: error,
      });
    }
  }

  /** Ends the process, also in the middle of a computation, and waits for its end. Calls in flight fail. */
  async close(): Promise<void> {
    await this.#process.close();
  }

  async #call(
    command: string,
    header: Readonly<Record<string, unknown>>,
    tensors: TensorRecord,
    { signal, timeout }: SidecarCallOptions,
  ): Promise<{ header: Answer; body: Uint8Array }> {
    if (signal?.aborted === true) throw runCalledOff(signal, this.#where);
    if (this.#death !== undefined) throw this.#failed(this.#death);
    const id = (this.#last += 1);
    const frame = this.#encode({ id, command, ...header }, tensors);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#process.write(encodeFrame({ command: 'cancel', of: id }));
        reject(runCalledOff(signal as AbortSignal, this.#where));
      };
      const settled = () => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#calls.set(id, {
        timeout,
        resolve: (answer) => {
          settled();
          if (answer.header.error === undefined) resolve(answer);
          else reject(new PythonError(answer.header.error));
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      if (this.#calls.size === 1) this.#watchFirst();
      this.#process.write(frame);
    });
  }

  #encode(header: Readonly<Record<string, unknown>>, tensors: TensorRecord): Buffer {
    try {
      return encodeFrame(header, tensors);
    } catch (error) {
      throw tensorInvalid(this.#where, (error as Error).message, 'Send fewer items in one run');
    }
  }

  #take(header: Answer, body: Uint8Array): void {
    const call = this.#calls.get(header.id);
    if (call === undefined) throw new RangeError(`an answer to no call, ${header.id}`);
    this.#calls.delete(header.id);
    this.#watchFirst();
    call.resolve({ header, body });
  }

  /** The time of a call begins when the one before it is answered. */
  #watchFirst(): void {
    clearTimeout(this.#timer);
    const [first] = this.#calls;
    this.#process.setRef(first !== undefined);
    if (first === undefined) return;
    const [id, call] = first;
    this.#timer = setTimeout(() => {
      this.#calls.delete(id);
      call.reject(
        new RunwrightError('RW_DEADLINE', {
          where: this.#where,
          what: `torch did not answer within ${call.timeout} ms, and its process was ended`,
          hint: 'Give `timeout` more milliseconds, or make the model faster',
        }),
      );
      this.#process.kill(`another call took longer than ${call.timeout} ms, and the process was ended`);
    }, call.timeout);
  }

  #die(reason: string): void {
    this.#death = reason;
    clearTimeout(this.#timer);
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of calls) reject(this.#failed(reason));
  }

  #failed(reason: string): RunwrightError {
    return new RunwrightError('RW_WORKER_FAILED', {
      where: this.#where,
      what: `the Python process of the model is gone: ${reason}`,
      hint: 'Call again: only the calls that it had are lost',
    });
  }
}
