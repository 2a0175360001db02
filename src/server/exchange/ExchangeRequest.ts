import type { StreamForm } from './StreamForm';
import type { StoredFile } from '../../schema/StoredFile';

/**
 * One request as it came from a socket, with nothing parsed yet: in this form it goes to whatever process the runner is in.
 */
export interface ExchangeRequest {
  /** Whose conventions the body follows: ours, the Open Inference Protocol's `infer`, or its `generate`. */
  readonly door: 'native' | 'infer' | 'generate';
  /**
   * - `json`: one JSON value (for `infer`, with `headerLength`, followed by raw tensors)
   * - `bytes`: the input itself, for a runner that takes bytes
   * - `fields`: a JSON object of form fields, beside `files`
   */
  readonly form: 'json' | 'bytes' | 'fields';
  /**
   * The whole body, decompressed. With `headerLength` it lies in its ArrayBuffer so that what follows the header is
   * aligned to 8 bytes.
   */
  readonly body: Uint8Array;
  /** `Inference-Header-Content-Length`; absent where the header was not sent. */
  readonly headerLength?: number | undefined;
  /** What came as files, by field. */
  readonly files?: Readonly<Record<string, StoredFile>> | undefined;
  /** Form of a streamed answer. */
  readonly stream: StreamForm;
  /** As the caller named them; answers of the Open Inference Protocol repeat them. */
  readonly modelName: string;
  readonly modelVersion?: string | undefined;
}
