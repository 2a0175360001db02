import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkOptions } from '../../errors/checkOptions';
import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import { createSignature } from '../tensor/createSignature';
import { createTensorCheck, type TensorCheck } from '../tensor/createTensorCheck';
import type { ModelSignature, ModelTensor } from '../tensor/ModelSignature';
import { runStacked } from '../tensor/runStacked';
import type { TensorModel, TensorRecord, TensorRunOptions } from '../tensor/TensorModel';
import { checkTorchInputs } from './checkTorchInputs';
import { findPython } from './findPython';
import { inspectTorchFile } from './inspectTorchFile';
import { declaredTensor, inputsNeeded, programTensors } from './programTensors';
import { SidecarSupervisor, type LoadedSidecar } from './SidecarSupervisor';
import type { TorchFileKind } from './TorchFileKind';
import type { TorchModelOptions } from './TorchModelOptions';
import type { TorchProgram } from './TorchProgram';
import type { TorchSource } from './TorchSource';
import { TorchSidecar, type SidecarCallOptions, type TorchExport } from './TorchSidecar';
import { untilAborted } from './untilAborted';

const BRAND = Symbol.for('runwright.torch-model');
const TIMEOUT = 60_000;
/** Milliseconds that importing torch and loading the model may take. */
const START_TIMEOUT = 120_000;
/** The first torch that has `torch.export`. */
const OLDEST_FOR_EXPORTED = '2.1';

export interface TorchStartOptions {
  /** Threads that torch computes with. Default: torch's own choice. */
  readonly threads?: number | undefined;
}

/**
 * A model that torch has saved: TorchScript (`.pt`), an exported program (`.pt2`), or ONNX, which only `registerTorchModel`
 * takes. It runs in a Python process of its own, which is started when it is first needed.
 *
 * A TorchScript file and an exported program are programs: use files only that you would run.
 *
 * @example
 * const model = await TorchModel.fromFile('mlp.pt', {
 *   inputs: [{ name: 'input', dtype: 'float32', shape: ['batch', 4] }],
 * });
 */
export class TorchModel implements TensorModel, TorchSource {
  readonly #options: TorchModelOptions;
  readonly #supervisor: SidecarSupervisor;
  readonly #where: string;
  #threads: number | undefined;
  #inputs: readonly ModelTensor[];
  #signature: ModelSignature;
  #check: TensorCheck;

  private constructor(
    /** Absolute path. */
    readonly file: string,
    readonly kind: TorchFileKind,
    options: TorchModelOptions,
    signature?: ModelSignature,
  ) {
    Object.defineProperty(this, BRAND, { value: true });
    this.#options = options;
    this.#where = basename(file);
    this.#inputs = signature?.inputs ?? options.inputs?.map(declaredTensor) ?? [];
    this.#signature =
      signature ?? createSignature(this.#inputs, [], { batch: undefined, where: this.#where });
    this.#check = createTensorCheck(this.#signature, this.#where);
    this.#supervisor = new SidecarSupervisor(this.#where, (signal) => this.#open(signal));
  }

  /**
   * Looks at the file; nothing is started or loaded yet.
   *
   * @throws RunwrightError RW_MODEL_FILE_INVALID for a file that torch did not save as a program; RW_OPTION_INVALID
   */
  static async fromFile(path: string | URL, options: TorchModelOptions = {}): Promise<TorchModel> {
    const call = 'TorchModel.fromFile';
    checkOptions<TorchModelOptions>(call, options, {
      inputs: 'list',
      python: 'string',
      timeout: 'count',
      memoryLimit: 'count',
      batch: 'any',
    });
    const { inputs, batch } = options;
    if (inputs !== undefined) checkTorchInputs(inputs);
    if (batch !== undefined && typeof batch !== 'boolean') {
      throw new RunwrightError('RW_OPTION_INVALID', {
        where: `${call}, option \`batch\``,
        what: `it is ${describeType(batch)}`,
        hint: 'Pass true or false, or leave it out',
      });
    }
    const file = resolve(path instanceof URL ? fileURLToPath(path) : path);
    return new TorchModel(file, await inspectTorchFile(file), options);
  }

  /** @internal A model whose signature is known, of a file that was looked at when it was saved. */
  static withSignature(
    file: string,
    kind: TorchFileKind,
    signature: ModelSignature,
    options: TorchModelOptions,
  ): TorchModel {
    return new TorchModel(file, kind, options, signature);
  }

  /** True for a `TorchModel` of any copy of Runwright. */
  static is(value: unknown): value is TorchModel {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** What the author says of the inputs. */
  get inputs(): TorchModelOptions['inputs'] {
    return this.#options.inputs;
  }

  /** The Python that was given. */
  get python(): string | undefined {
    return this.#options.python;
  }

  /** What was declared of stacking. */
  get batch(): boolean | undefined {
    return this.#options.batch;
  }

  get timeout(): number {
    return this.#options.timeout ?? TIMEOUT;
  }

  get memoryLimit(): number | undefined {
    return this.#options.memoryLimit;
  }

  /** The outputs are empty while they are not known: after `start` for a `.pt2`, after `declareOutputs` for a `.pt`. */
  get signature(): ModelSignature {
    return this.#signature;
  }

  /**
   * Starts Python, unless it runs, and waits until it has the model.
   *
   * @returns what the file says of itself
   * @throws RunwrightError RW_PYTHON_MISSING; RW_MODEL_FILE_INVALID when torch cannot load it; RW_OPTION_INVALID when `inputs` is
   *   needed and absent, with the names that the file has, or does not fit the file
   */
  async start({ threads }: TorchStartOptions = {}): Promise<TorchProgram> {
    this.#refuseOnnx();
    this.#threads = threads ?? this.#threads;
    try {
      const { program } = await this.#supervisor.get();
      return program;
    } catch (error) {
      const isPythonMissing = RunwrightError.is(error) && error.code === 'RW_PYTHON_MISSING';
      if (isPythonMissing && this.kind === 'torchscript' && this.#inputs.length === 0)
        throw inputsNeeded(this.#where, undefined, error);
      throw error;
    }
  }

  /**
   * Completes the signature of a TorchScript model, whose outputs show only when it runs.
   *
   * @throws RunwrightError RW_OPTION_INVALID when `batch` was declared and cannot be
   */
  declareOutputs(outputs: readonly ModelTensor[]): ModelSignature {
    const { batch } = this.#options;
    this.#signature = createSignature(this.#inputs, outputs, { batch, where: this.#where });
    this.#check = createTensorCheck(this.#signature, this.#where);
    return this.#signature;
  }

  /**
   * @throws RunwrightError RW_TENSOR_INVALID for inputs that do not fit; RW_STAGE_FAILED when the model raises an error;
   *   RW_DEADLINE when it takes too long; RW_WORKER_FAILED when its process dies; RW_ABORTED; RW_HANDLE_STATE once released
   */
  async run(inputs: TensorRecord, { signal }: TensorRunOptions = {}): Promise<TensorRecord> {
    const sidecar = await this.#ready(signal);
    this.#check(inputs);
    return sidecar.run(inputs, { signal, timeout: this.timeout });
  }

  /** @throws as `run`; all of them fail when one does */
  async runMany(items: readonly TensorRecord[], { signal }: TensorRunOptions = {}): Promise<TensorRecord[]> {
    const sidecar = await this.#ready(signal);
    items.forEach((item, at) => this.#check(item, at));
    const run = (inputs: TensorRecord) => sidecar.run(inputs, { signal, timeout: this.timeout });
    return runStacked(this.#signature, items, run, this.#where);
  }

  /**
   * Writes the model as ONNX, in its Python process.
   *
   * @throws RunwrightError RW_EXPORT_FAILED with Python's last lines; RW_DEADLINE, RW_WORKER_FAILED
   */
  async export(
    target: TorchExport,
    options: SidecarCallOptions,
  ): Promise<{ readonly opset: number; readonly seconds: number }> {
    return (await this.#ready(options.signal)).export(target, options);
  }

  /** Ends the Python process, if there is one, and waits for its end. */
  async release(): Promise<void> {
    await this.#supervisor.close();
  }

  async #ready(signal: AbortSignal | undefined): Promise<TorchSidecar> {
    this.#refuseOnnx();
    const { sidecar } = await untilAborted(this.#supervisor.get(), signal, this.#where);
    return sidecar;
  }

  async #open(signal: AbortSignal): Promise<LoadedSidecar> {
    const { python, memoryLimit } = this.#options;
    const atLeast = this.kind === 'exported-program' ? OLDEST_FOR_EXPORTED : undefined;
    const { path } = await findPython({ python, atLeast });
    const sidecar = new TorchSidecar({
      python: path,
      threads: this.#threads,
      memoryLimit,
      where: this.#where,
    });
    try {
      const names = this.#inputs.map(({ name }) => name);
      const program = await sidecar.load(this.file, this.kind, names, { signal, timeout: START_TIMEOUT });
      this.#learn(program);
      return { sidecar, program };
    } catch (error) {
      await sidecar.close();
      throw error;
    }
  }

  /** What the file knows completes the signature; what was declared must fit it. */
  #learn(program: TorchProgram): void {
    const declared = this.#options.inputs ?? (this.#inputs.length > 0 ? this.#inputs : undefined);
    const { inputs, outputs } = programTensors(program, declared, this.#where);
    if (this.#signature.outputs.length > 0) return;
    this.#inputs = inputs;
    if (outputs !== undefined) this.declareOutputs(outputs);
  }

  #refuseOnnx(): void {
    if (this.kind !== 'onnx') return;
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: this.#where,
      what: 'the file is ONNX, which torch does not run',
      hint: "Use OnnxModel.fromFile() of 'runwright/onnx', or give it to registerTorchModel",
    });
  }
}
