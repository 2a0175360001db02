import type { ModelSignature } from '../tensor/ModelSignature';
import type { OnnxOptions } from './OnnxOptions';

/** An ONNX file that was opened before, as far as saving it again needs to know it. An `OnnxModel` is one. */
export interface OnnxSource {
  /** Absolute path. */
  readonly file: string;
  readonly options: OnnxOptions;
  readonly signature: ModelSignature;
}
