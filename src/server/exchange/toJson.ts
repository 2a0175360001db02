import { describeType } from '../../errors/describeType';
import { ValidationError } from '../../errors/ValidationError';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import { formatPath } from '../../schema/formatPath';
import { mayHoldTensors, nestTensors } from '../../schema/nestTensors';
import { TensorNotJsonError } from '../../schema/tensorToNested';

/**
 * An output as JSON text; `null` for `undefined`, nested arrays for a tensor.
 *
 * @param description of the runner that gave it, for messages
 * @throws ValidationError RW_OUTPUT_INVALID for what JSON does not have: a function, a symbol, a bigint, a cycle, a tensor's NaN
 */
export function toJson(
  output: unknown,
  { output: description, outputWhere }: Pick<RunnerDescription, 'output' | 'outputWhere'>,
): string {
  const refuse = (path: string, message: string, received: string): never => {
    throw new ValidationError('output', [{ path, constraint: 'json', message, received }], outputWhere);
  };
  let text: string | undefined;
  try {
    text = JSON.stringify((mayHoldTensors(description) ? nestTensors(output) : output) ?? null);
  } catch (error) {
    if (error instanceof TensorNotJsonError) refuse(formatPath(error.path), error.message, 'number');
    // What `toJSON` methods and the engine say may hold values.
  }
  return (
    text ??
    refuse('', 'must be a JSON value: without functions, symbols, bigints and cycles', describeType(output))
  );
}
