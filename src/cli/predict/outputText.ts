import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import { toJson } from '../../server/exchange/toJson';

/**
 * What came of one input, as JSON on one line: the output, or of a streaming runner the array of its items.
 *
 * @throws ValidationError RW_OUTPUT_INVALID
 */
export function outputText(
  output: unknown,
  definition: Pick<RunnerDescription, 'output' | 'outputWhere' | 'stream'>,
): string {
  if (!definition.stream || !Array.isArray(output)) return toJson(output, definition);
  // One by one: in an array JSON would make null of what it does not have.
  return `[${output.map((item) => toJson(item, definition)).join(',')}]`;
}
