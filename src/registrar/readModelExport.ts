import { RunwrightError } from '../errors/RunwrightError';

/**
 * The model instance that an entry exports: the export itself, or what it returns when it is a function.
 *
 * @throws RunwrightError RW_ENTRY_INVALID when there is no such export, it is `undefined`, or the function throws
 */
export async function readModelExport(
  namespace: Readonly<Record<string, unknown>>,
  exportName: string,
  entry: string,
): Promise<unknown> {
  const refuse = (what: string, cause?: unknown): RunwrightError =>
    new RunwrightError('RW_ENTRY_INVALID', {
      where: entry,
      what,
      hint: `Export the model instance, or a function that makes it, as "${exportName}"`,
      cause,
    });
  const exported = namespace[exportName];
  if (exported === undefined || exported === null)
    throw refuse(`it has no export "${exportName}" to take the model from`);
  if (typeof exported !== 'function') return exported;
  let model: unknown;
  try {
    model = await (exported as () => unknown)();
  } catch (cause) {
    throw refuse(`its export "${exportName}" threw when it was called for the model`, cause);
  }
  if (model === undefined || model === null) throw refuse(`its export "${exportName}" returned no model`);
  return model;
}
