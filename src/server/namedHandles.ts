import { RunwrightError } from '../errors/RunwrightError';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';

/**
 * The handles of a server by the name of their runner.
 *
 * @throws RunwrightError RW_OPTION_INVALID when there is none, or two of one name
 */
export function namedHandles(
  handles: RunnerHandle | readonly RunnerHandle[],
): ReadonlyMap<string, RunnerHandle> {
  const list = 'definition' in handles ? [handles] : handles;
  const refuse = (what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_OPTION_INVALID', { where: 'createServer', what, hint });
  if (list.length === 0) throw refuse('there is no model to serve', 'Pass at least one handle');
  const named = new Map<string, RunnerHandle>();
  for (const handle of list) {
    const { name } = handle.definition;
    if (named.has(name)) {
      throw refuse(`two of the runners have the name "${name}"`, 'Serve each by a server of its own');
    }
    named.set(name, handle);
  }
  return named;
}
