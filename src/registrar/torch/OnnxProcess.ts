import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../artifact/packageRoot';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ModelSignature } from '../../models/tensor/ModelSignature';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import { makeTensor } from '../../schema/makeTensor';
import type { TensorArray } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';

export interface WireTensor {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorArray | readonly string[];
}

export type OnnxCall =
  | { readonly kind: 'open'; readonly file: string; readonly threads: number }
  | { readonly kind: 'run'; readonly tensors: readonly WireTensor[] };

export type OnnxAnswer =
  | { readonly ok: true; readonly signature?: ModelSignature; readonly tensors?: readonly WireTensor[] }
  | { readonly ok: false; readonly what: string; readonly hint: string };

/** An ONNX model in a process of its own, run one call at a time. */
export class OnnxProcess {
  readonly #child: ChildProcess;

  /**
   * @param where for messages: the model's file
   * @param timeout milliseconds that one call may take
   */
  constructor(
    private readonly where: string,
    private readonly timeout: number,
  ) {
    this.#child = fork(join(packageRoot().path, 'dist/registrar/onnxMain.js'), [], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      // Typed arrays as they are.
      serialization: 'advanced',
    });
    // Where there is nobody to hear of it, the end of the process is what a call reports.
    this.#child.on('error', () => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws RunwrightError RW_EXPORT_FAILED when onnxruntime does not take the file */
  async open(file: string, threads: number): Promise<ModelSignature> {
    const { signature } = await this.#call(
      { kind: 'open', file, threads },
      'onnxruntime does not take what torch exported',
    );
    return signature as ModelSignature;
  }

  /** @throws RunwrightError RW_PARITY_FAILED when onnxruntime fails where torch did not */
  async run(inputs: TensorRecord): Promise<TensorRecord> {
    const call = { kind: 'run', tensors: toWireTensors(inputs) } as const;
    const { tensors = [] } = await this.#call(call, 'the exported model fails where the original does not');
    return Object.fromEntries(
      tensors.map(({ name, type, data, dims }) => [name, makeTensor(type as TensorType, data, dims)]),
    );
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  async #call(call: OnnxCall, failed: string): Promise<Extract<OnnxAnswer, { ok: true }>> {
    const child = this.#child;
    const answer = await new Promise<OnnxAnswer>((resolve) => {
      const timer = setTimeout(() => {
        over(`there was no answer in ${this.timeout} ms`);
        this.close();
      }, this.timeout);
      const over = (what: string) => {
        clearTimeout(timer);
        resolve({ ok: false, what, hint: '' });
      };
      const ended = (code?: number | null, killedBy?: string | null) =>
        over(`its process ended${killedBy ? ` with ${killedBy}` : code ? ` with exit code ${code}` : ''}`);
      if (!child.connected) return ended(child.exitCode, child.signalCode);
      child.once('exit', ended);
      child.once('message', (message) => {
        clearTimeout(timer);
        child.off('exit', ended);
        resolve(message as OnnxAnswer);
      });
      child.send(call, (error) => error && ended(child.exitCode, child.signalCode));
    });
    if (answer.ok) return answer;
    throw new RunwrightError(call.kind === 'open' ? 'RW_EXPORT_FAILED' : 'RW_PARITY_FAILED', {
      where: this.where,
      what: `${failed}: ${answer.what}`,
      hint: "Try another version of torch, or register the model with runtime: 'torch', which runs it in Python",
    });
  }
}

export function toWireTensors(tensors: TensorRecord): WireTensor[] {
  return Object.entries(tensors).map(([name, { type, dims, data }]) => ({
    name,
    type,
    dims: [...dims],
    data: data,
  }));
}
