import { isUtf8 } from 'node:buffer';
import { bufferOf } from '../../artifact/bufferOf';
import type { TensorArray } from '../../schema/tensorElements';
import { RequestError } from '../exchange/RequestError';
import type { OutputTensor } from './stackRows';

/**
 * The elements of a tensor as a flat JSON array: exact digits for 64-bit integers, and a -0 keeps its sign.
 *
 * @throws RequestError 400 for FP16, NaN, the infinities and bytes that are not UTF-8, which JSON does not have
 */
export function elementsToJson({ spec, parts }: OutputTensor): string {
  const { name, dtype } = spec;
  if (dtype === 'float16') throw notJson(name, 'FP16');
  const texts: string[] = [];
  for (const part of parts) {
    if (part.length === 0) continue;
    if (dtype === 'string') texts.push(stringsToJson(part as readonly (string | Uint8Array)[], name));
    else if (dtype === 'bool') texts.push(Array.from(part as Uint8Array, (byte) => byte !== 0).join());
    else texts.push(numbersToJson(part as TensorArray, name));
  }
  return `[${texts.join()}]`;
}

function numbersToJson(numbers: TensorArray, name: string): string {
  if (!(numbers instanceof Float32Array || numbers instanceof Float64Array)) return numbers.join();
  let hasNegativeZero = false;
  for (const number of numbers) {
    if (!Number.isFinite(number)) throw notJson(name, 'NaN or an infinity');
    hasNegativeZero ||= Object.is(number, -0);
  }
  if (hasNegativeZero) {
    return Array.from(numbers, (number) => (Object.is(number, -0) ? '-0.0' : String(number))).join();
  }
  // Faster than `join()`.
  return JSON.stringify(Array.from(numbers)).slice(1, -1);
}

function stringsToJson(values: readonly (string | Uint8Array)[], name: string): string {
  const texts = values.map((value) => {
    if (typeof value === 'string') return value;
    if (!isUtf8(value)) throw notJson(name, 'bytes that are not UTF-8');
    return bufferOf(value).toString();
  });
  return JSON.stringify(texts).slice(1, -1);
}

function notJson(name: string, what: string): RequestError {
  return new RequestError(
    400,
    `the output \`${name}\` holds ${what}, which JSON does not have`,
    'Ask for it in binary: parameters.binary_data on the output, or parameters.binary_data_output',
  );
}
