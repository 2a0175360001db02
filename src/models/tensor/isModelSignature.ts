import { isRecord } from '../../artifact/isRecord';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import type { ModelSignature } from './ModelSignature';

/** True for JSON that somebody else wrote and that is a signature. */
export function isModelSignature(value: unknown): value is ModelSignature {
  if (!isRecord(value) || typeof value['batch'] !== 'boolean') return false;
  const { inputs, outputs, batch, batchReason } = value;
  if (batchReason !== undefined && typeof batchReason !== 'string') return false;
  return [inputs, outputs].every(
    (list) => Array.isArray(list) && list.every((tensor) => isTensor(tensor, batch)),
  );
}

function isTensor(value: unknown, batch: boolean): boolean {
  if (!isRecord(value) || typeof value['name'] !== 'string' || typeof value['dtype'] !== 'string')
    return false;
  const { shape, dtype, anyShape } = value;
  return (
    (anyShape === undefined || anyShape === true) &&
    Object.hasOwn(TENSOR_ELEMENTS, dtype) &&
    Array.isArray(shape) &&
    shape.every(
      (size) => typeof size === 'string' || (Number.isSafeInteger(size) && (size as number) >= 0),
    ) &&
    !(batch && shape.length === 0)
  );
}
