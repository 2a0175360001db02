import { findSource } from './predict/findSource';
import { readInputs } from './predict/readInputs';
import type { InputItem } from './predict/InputItem';
import { usageError } from './usageError';

/**
 * The inputs of a file, which is one for `runwright predict`: JSON Lines, or one JSON document.
 *
 * @throws RunwrightError RW_USAGE for what is not JSON, RW_IO
 */
export async function readWarmUp(file: string): Promise<readonly unknown[]> {
  const inputs = await readInputs((await findSource(file)).open());
  if (inputs.kind === 'document') return [valueOf(inputs.item)];
  const values: unknown[] = [];
  for await (const group of inputs.groups) values.push(...group.map(valueOf));
  return values;
}

function valueOf(item: InputItem): unknown {
  if (item.ok) return item.value;
  const { line, error } = item;
  throw usageError('--warm-up', `line ${line}: ${error.what}`, 'Write one JSON value on each line', error);
}
