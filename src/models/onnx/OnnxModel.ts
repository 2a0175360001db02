import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InferenceSession } from 'onnxruntime-common';
import { describeType } from '../../errors/describeType';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import { createTensorCheck, type TensorCheck } from '../tensor/createTensorCheck';
import type { ModelSignature } from '../tensor/ModelSignature';
import { runStacked } from '../tensor/runStacked';
import type { TensorModel, TensorRecord, TensorRunOptions } from '../tensor/TensorModel';
import { checkOnnxOptions } from './checkOnnxOptions';
import type { OnnxOptions } from './OnnxOptions';
import type { OnnxSource } from './OnnxSource';
import { externalFiles } from './externalFiles';
import { openSession } from './openSession';
import { readSignature } from './readSignature';
import { refuseNoFile } from './refuseNoFile';
import { scanOnnxFile } from './scanOnnxFile';

const BRAND = Symbol.for('runwright.onnx-model');

/**
 * An ONNX file, opened by onnxruntime-node and ready to run. It may be a `modelInstance`, and what `@Load` returns; the
 * default saver and loader keep it.
 *
 * A run blocks the event loop while it works and cannot be interrupted, as onnxruntime's own does and cannot.
 *
 * @example
 * const model = await OnnxModel.fromFile('iris.onnx', { intraOpNumThreads: 1 });
 * const { scores } = await model.run({ features: new Tensor('float32', features, [1, 4]) });
 * await model.release();
 */
export class OnnxModel implements TensorModel, OnnxSource {
  /** What the file takes and gives. */
  readonly signature: ModelSignature;
  /** Absolute path. */
  readonly file: string;
  /** As they were given. */
  readonly options: OnnxOptions;
  readonly #check: TensorCheck;
  #session: InferenceSession | undefined;
  #running = 0;
  #idle: (() => void) | undefined;

  private constructor(
    session: InferenceSession,
    { file, options, signature }: Pick<OnnxModel, 'file' | 'options' | 'signature'>,
  ) {
    this.file = file;
    this.options = options;
    this.signature = signature;
    this.#check = createTensorCheck(signature, file);
    this.#session = session;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Opens a file, and the files of external data that it refers to, which lie beside it.
   *
   * @param path relative paths are taken from the working directory; a URL must be a `file:` one
   * @param context `threads`: the default of `intraOpNumThreads`, not part of `options`; `LoadContext` has it
   * @throws RunwrightError RW_LIBRARY_MISSING without onnxruntime-node, RW_OPTION_INVALID for an option,
   *   RW_MODEL_FILE_INVALID for a file that is missing, damaged, or beyond what onnxruntime or a tensor here can be
   */
  static async fromFile(
    path: string | URL,
    options: OnnxOptions = {},
    { threads }: { readonly threads?: number | undefined } = {},
  ): Promise<OnnxModel> {
    const file = pathOf(path);
    const checked = checkOnnxOptions(options, file);
    await refuseNoFile(file);
    const { locations, shapeless } = await scanOnnxFile(file);
    await externalFiles(file, locations);
    const session = await openSession(file, checked, threads);
    try {
      const signature = readSignature(session, { batch: checked.batch, file, shapeless });
      return new OnnxModel(session, { file, options: checked, signature });
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** True for a model of any copy of Runwright. */
  static is(value: unknown): value is OnnxModel {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  async run(inputs: TensorRecord, { signal }: TensorRunOptions = {}): Promise<TensorRecord> {
    const session = this.#enter();
    try {
      this.#check(inputs);
      refuseAborted(signal, this.file);
      return (await session.run(inputs)) as Readonly<Record<string, unknown>> as TensorRecord;
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      this.#leave();
    }
  }

  /** @internal */
  runJudged<T>(
    inputs: TensorRecord,
    succeed: (outputs: TensorRecord) => T | Promise<T>,
    fail: (cause: unknown) => never,
  ): Promise<T> {
    let session: InferenceSession;
    try {
      session = this.#enter();
    } catch (cause) {
      return Promise.reject(this.#failure(cause)).catch(fail);
    }
    // An async function would cost more than all that is done here.
    return session.run(inputs).then(
      (outputs) => {
        this.#leave();
        return succeed(outputs as Readonly<Record<string, unknown>> as TensorRecord);
      },
      (cause: unknown) => {
        this.#leave();
        return fail(this.#failure(cause));
      },
    );
  }

  async runMany(items: readonly TensorRecord[], { signal }: TensorRunOptions = {}): Promise<TensorRecord[]> {
    const session = this.#enter();
    try {
      items.forEach((item, at) => this.#check(item, at));
      const run = (inputs: TensorRecord): Promise<TensorRecord> => this.#call(session, inputs, signal);
      return await runStacked(this.signature, items, run, this.file);
    } finally {
      this.#leave();
    }
  }

  /** Frees the session, once what runs has ended. A run after it fails; releasing again does nothing. */
  async release(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await session.release();
  }

  async #call(
    session: InferenceSession,
    inputs: TensorRecord,
    signal: AbortSignal | undefined,
  ): Promise<TensorRecord> {
    refuseAborted(signal, this.file);
    try {
      return (await session.run(inputs)) as Readonly<Record<string, unknown>> as TensorRecord;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  #failure(cause: unknown): RunwrightError {
    if (RunwrightError.is(cause)) return cause;
    return new RunwrightError('RW_STAGE_FAILED', {
      where: this.file,
      what: `onnxruntime could not run the model: ${cause instanceof Error ? cause.message.trim() : describeType(cause)}`,
      hint: 'See whether the inputs are in the range that the model was made for',
      cause,
    });
  }

  #enter(): InferenceSession {
    if (this.#session === undefined) {
      throw new RunwrightError('RW_HANDLE_STATE', {
        where: this.file,
        what: 'the model has been released',
        hint: 'Open the file again with `OnnxModel.fromFile`',
      });
    }
    this.#running += 1;
    return this.#session;
  }

  #leave(): void {
    this.#running -= 1;
    if (this.#running === 0) this.#idle?.();
  }
}

function pathOf(path: unknown): string {
  if (typeof path === 'string' && path !== '') return resolve(path);
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'OnnxModel.fromFile',
    what: `the path is ${path instanceof URL ? `a URL of ${path.protocol}` : describeType(path)}`,
    hint: 'Pass the path of an ONNX file, or its `file:` URL',
  });
}
