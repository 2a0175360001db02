import { isUtf8 } from 'node:buffer';
import { bufferOf } from '../../artifact/bufferOf';
import type { Issue } from '../../errors/Issue';
import { ValidationError } from '../../errors/ValidationError';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import { toUploadedFile } from '../../schema/toUploadedFile';
import type { ExchangeRequest } from './ExchangeRequest';

/**
 * The input that a body stands for, not yet validated.
 *
 * @throws ValidationError RW_INPUT_INVALID for a body that is not JSON in UTF-8 where JSON is expected
 */
export function parseNative(
  { form, body, files = {} }: ExchangeRequest,
  { className, input }: Pick<RunnerDescription, 'className' | 'input'>,
): unknown {
  if (form === 'bytes') return body;
  const value = parseJson(body, className);
  if (form === 'json') return value;
  // A null prototype: the names of fields are the caller's.
  const fields = Object.assign(Object.create(null) as Record<string, unknown>, value);
  const given: Record<string, unknown> = {};
  const define = (name: string, item: unknown): void => {
    Object.defineProperty(given, name, { value: item, enumerable: true, configurable: true, writable: true });
  };
  const kinds = new Map(input.fields?.map(({ name, value: { kind } }) => [name, kind]));
  for (const [name, text] of Object.entries(fields)) define(name, fromText(text, kinds.get(name)));
  for (const [name, file] of Object.entries(files)) define(name, toUploadedFile(file));
  return given;
}

function parseJson(body: Uint8Array, where: string): unknown {
  const refuse = (received: string): ValidationError => {
    const issue: Issue = {
      path: '',
      constraint: 'json',
      message: 'must be one JSON value in UTF-8',
      received,
    };
    return new ValidationError('input', [issue], where);
  };
  if (body.byteLength === 0) throw refuse('nothing');
  if (!isUtf8(body)) throw refuse('bytes');
  try {
    return JSON.parse(bufferOf(body).toString()) as unknown;
  } catch {
    throw refuse('text');
  }
}

/** A form has nothing but text: what is not meant to be text is read as JSON, or left for the rules to refuse. */
function fromText(text: unknown, kind: string | undefined): unknown {
  if (typeof text !== 'string' || kind === 'string' || kind === undefined) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
