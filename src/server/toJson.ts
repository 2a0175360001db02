import { describeType } from '../errors/describeType';
import { ValidationError } from '../errors/ValidationError';
import type { RunnerDescription } from '../scanner/RunnerDefinition';

/**
 * An output as JSON text; `null` for `undefined`.
 *
 * @param description of the runner that gave it, for messages
 * @throws ValidationError RW_OUTPUT_INVALID for what JSON does not have: a function, a symbol, a bigint, a cycle
 */
export function toJson(output: unknown, { outputWhere }: Pick<RunnerDescription, 'outputWhere'>): string {
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
    outputWhere,
  );
}
