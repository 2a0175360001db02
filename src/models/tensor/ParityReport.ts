/** How far a model is from the original that it was exported from, over generated inputs. Plain JSON, part of the manifest. */
export interface ParityReport {
  /** Versions of what was compared: `{ torch: '1.13.0', 'onnxruntime-node': '1.30.0' }`. */
  readonly runtimes: Readonly<Record<string, string>>;
  /** ONNX operator set of the exported model. */
  readonly opset: number;
  /** Inputs that both were run on. */
  readonly cases: number;
  /** Sizes of dimension 0 among them; empty where it is not free. */
  readonly batchSizes: readonly number[];
  /** Each element `a` of the export and `b` of the original satisfies `|a - b| <= atol + rtol * |b|`. */
  readonly rtol: number;
  readonly outputs: readonly OutputParity[];
}

export interface OutputParity {
  readonly name: string;
  /** Elements that were compared. */
  readonly elements: number;
  readonly atol: number;
  /** Largest `|a - b|`. */
  readonly maxAbsolute: number;
  /** Largest `|a - b| / |b|`, over the elements where `b` is not 0. */
  readonly maxRelative: number;
}
