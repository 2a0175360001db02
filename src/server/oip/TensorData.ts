import type { TensorArray } from '../../schema/tensorElements';

/** The elements of a tensor, flat and row-major. BYTES are text, or bytes where the runner takes or gives bytes. */
export type TensorData = TensorArray | readonly string[] | readonly Uint8Array[];
