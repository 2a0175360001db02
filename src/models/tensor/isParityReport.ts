import { isRecord } from '../../artifact/isRecord';
import { isStringRecord } from '../../artifact/isStringRecord';
import type { ParityReport } from './ParityReport';

/** True for JSON that somebody else wrote and that is a parity report. */
export function isParityReport(value: unknown): value is ParityReport {
  if (!isRecord(value)) return false;
  const { runtimes, opset, cases, batchSizes, rtol, outputs } = value;
  return (
    isRecord(runtimes) &&
    isStringRecord(runtimes) &&
    [opset, cases, rtol].every(isNumber) &&
    Array.isArray(batchSizes) &&
    batchSizes.every(isNumber) &&
    Array.isArray(outputs) &&
    outputs.every(isOutput)
  );
}

function isOutput(value: unknown): boolean {
  if (!isRecord(value) || typeof value['name'] !== 'string') return false;
  const { elements, atol, maxAbsolute, maxRelative } = value;
  return [elements, atol, maxAbsolute, maxRelative].every(isNumber);
}

const isNumber = (value: unknown): boolean => typeof value === 'number';
