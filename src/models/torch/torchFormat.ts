import type { ModelSignature } from '../tensor/ModelSignature';
import type { TorchFileKind } from './TorchFileKind';

/** What the first member of `model.json` says. */
export const TORCH_FORMAT = 'runwright-torch';
export const TORCH_FORMAT_VERSION = 1;

/** The kinds that Python runs, and the file that holds each in a package: a hostile `model.json` cannot name another. */
export const TORCH_FILES = {
  torchscript: 'model.pt',
  'exported-program': 'model.pt2',
} as const satisfies Partial<Record<TorchFileKind, string>>;

/** `model.json`, in the order of its members. */
export interface SavedTorchModel {
  readonly format: typeof TORCH_FORMAT;
  readonly version: number;
  readonly file: string;
  readonly kind: keyof typeof TORCH_FILES;
  readonly signature: ModelSignature;
  /** Milliseconds that one run may take. */
  readonly timeout: number;
  /** Bytes. */
  readonly memoryLimit?: number | undefined;
}
