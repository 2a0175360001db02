import { isUtf8 } from 'node:buffer';
import { bufferOf } from '../../artifact/bufferOf';
import { ValidationError } from '../../errors/ValidationError';
import type { TensorSide } from './tensorSignature';

/** Integers of a length at which doubles begin to leave some out; digits of a fraction are none. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.eE])/;

/**
 * The JSON of a request. Where it has long integers and the runner takes 64-bit ones, unsafe integers are `bigint`s and lose
 * nothing.
 *
 * @throws ValidationError RW_INPUT_INVALID for what is not JSON in UTF-8
 */
export async function parseInferJson(bytes: Uint8Array, side: TensorSide, where: string): Promise<unknown> {
  const refuse = (received: string): ValidationError =>
    new ValidationError(
      'input',
      [{ path: '', constraint: 'json', message: 'must be one JSON object in UTF-8', received }],
      where,
    );
  if (bytes.byteLength === 0) throw refuse('nothing');
  if (!isUtf8(bytes)) throw refuse('bytes');
  const text = bufferOf(bytes).toString();
  try {
    return needsExactIntegers(text, side) ? await parseExactly(text) : (JSON.parse(text) as unknown);
  } catch {
    throw refuse('text');
  }
}

function needsExactIntegers(text: string, { tensors }: TensorSide): boolean {
  return tensors.some(({ dtype }) => dtype === 'int64' || dtype === 'uint64') && LONG_INTEGER.test(text);
}

async function parseExactly(text: string): Promise<unknown> {
  const { isInteger, parse } = await import('lossless-json');
  return parse(text, undefined, (digits) => {
    const number = Number(digits);
    return isInteger(digits) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
  });
}
