import { isUtf8 } from 'node:buffer';
import { bufferOf } from '../../artifact/bufferOf';
import { isRecord } from '../../artifact/isRecord';
import { ValidationError } from '../../errors/ValidationError';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import { RequestError } from '../exchange/RequestError';

export interface GenerateCall {
  readonly input: unknown;
  readonly id: string | undefined;
}

/**
 * The input in the body of `generate`: its keys, and those `parameters` that the runner declares. `text_input` is the input of a
 * runner that takes a string. `id` and other parameters are not part of it.
 *
 * @throws ValidationError RW_INPUT_INVALID for a body that is not a JSON object
 * @throws RequestError 400 for a runner whose input has no such form
 */
export function readGenerateInput(
  body: Uint8Array,
  { input: { kind, typeName, fields = [] }, className }: Pick<RunnerDescription, 'input' | 'className'>,
): GenerateCall {
  const document = parseObject(body, className);
  const declared = new Set(fields.map(({ name }) => name));
  const { id } = document;
  const call = { id: typeof id === 'string' && !declared.has('id') ? id : undefined };
  if (typeName === 'string' && kind === 'primitive') return { ...call, input: document.text_input };
  if (kind !== 'class' && kind !== 'unvalidated') {
    throw new RequestError(
      400,
      `generate gives an object or a text, and the model takes ${typeName}`,
      'Use infer, or POST /models/<name>/predict',
    );
  }
  const { parameters } = document;
  const input = new Map(
    Object.entries(isRecord(parameters) ? parameters : {}).filter(([name]) => declared.has(name)),
  );
  for (const [name, value] of Object.entries(document)) {
    if (declared.has(name) || (name !== 'id' && name !== 'parameters')) input.set(name, value);
  }
  return { ...call, input: Object.fromEntries(input) };
}

function parseObject(body: Uint8Array, where: string): Record<string, unknown> {
  let received = 'nothing';
  try {
    if (!isUtf8(body)) received = 'bytes';
    else if (body.byteLength > 0) {
      const text = bufferOf(body).toString();
      const value: unknown = JSON.parse(text);
      if (isRecord(value)) return value;
      received = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    }
  } catch {
    received = 'text';
  }
  const issue = { path: '', constraint: 'json', message: 'must be one JSON object in UTF-8', received };
  throw new ValidationError('input', [issue], where);
}
