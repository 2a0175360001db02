import type { ModelTensor } from '../models/tensor/ModelSignature';

/** Tensors for people: `features float32 [rows, 4]`. */
export function describeTensors(tensors: readonly ModelTensor[]): string {
  return tensors
    .map(({ name, dtype, shape, anyShape }) => {
      const sizes = shape.map((size) => (size === '' ? '?' : size)).join(', ');
      return `${name} ${dtype} ${anyShape ? 'of any shape' : `[${sizes}]`}`;
    })
    .join(', ');
}
