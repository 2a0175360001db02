import type { TensorRecord } from '../../models/tensor/TensorModel';
import { fromFloat16Bits } from '../../schema/float16';

/** The elements of a tensor as numbers: halves widened, integers of 64 bits rounded where a number cannot hold them. */
export function toNumbers({ type, data }: TensorRecord[string]): ArrayLike<number> & Iterable<number> {
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromFloat16Bits);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return Float64Array.from(data as never, Number);
  return data as Float32Array;
}
