import { describeType } from '../errors/describeType';
import { ValidationError } from '../errors/ValidationError';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';

/**
 * An output as JSON text; `null` for `undefined`.
 *
 * @param definition of the runner that gave it, for messages
 * @throws ValidationError RW_OUTPUT_INVALID for what JSON does not have: a function, a symbol, a bigint, a cycle
 */
export function toJson(output: unknown, { stages }: Pick<RunnerDefinition, 'stages'>): string {
  const { where } = stages.postprocess ?? stages.predict;
  let text: string | undefined;
  try {
    text = JSON.stringify(output ?? null);
  } catch {
    // What `toJSON` methods and the engine say may hold values.
  }
  if (text !== undefined) return text;
  const message = 'must be a JSON value: without functions, symbols, bigints and cycles';
  throw new ValidationError(
    'output',
    [{ path: '', constraint: 'json', message, received: describeType(output) }],
    where,
  );
}
