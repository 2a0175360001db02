import type { TorchFileKind } from './TorchFileKind';
import type { TorchInput } from './TorchInput';

/** A file of torch's that was looked at. A `TorchModel` is one. */
export interface TorchSource {
  /** Absolute path. */
  readonly file: string;
  readonly kind: TorchFileKind;
  /** What its author says of the inputs. */
  readonly inputs?: readonly TorchInput[] | undefined;
}
