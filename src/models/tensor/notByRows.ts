import { RunwrightError } from '../../errors/RunwrightError';
import { describeTensor } from './describeTensor';
import type { TensorRecord } from './TensorModel';

/**
 * Of a model that was run as one that keeps items apart, and does not.
 *
 * @param name of the output
 * @param rows that went in
 * @param where for messages: the model's file, or the runner
 */
export function notByRows(
  name: string,
  { type, dims }: TensorRecord[string],
  rows: number,
  where: string,
): RunwrightError {
  const stacked = rows === 1 ? '1 row' : `${rows} stacked rows`;
  return new RunwrightError('RW_STAGE_FAILED', {
    where: `${where}, output "${name}"`,
    what: `it came back as ${describeTensor({ dtype: type, shape: dims })} for ${stacked}, so it cannot be split among the items`,
    hint: 'Open the model with `batch: false`: its items cannot be run together',
  });
}
