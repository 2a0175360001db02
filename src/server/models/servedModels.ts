import { checkOptions } from '../../errors/checkOptions';
import { RunwrightError } from '../../errors/RunwrightError';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { Logger } from '../../metadata/contexts';
import { checkNumber, type NumberRange, TIMEOUT } from '../checkNumber';
import { ModelTable } from './ModelTable';
import { ServedModel } from './ServedModel';
import type { ServedModelOptions } from './ServedModelOptions';

/** What models have in common unless they say otherwise. */
export interface ModelDefaults {
  readonly queue: number;
  readonly timeout: number | undefined;
  readonly sendTimeout: number;
  readonly logger: Logger;
}

export type Served = RunnerHandle | ServedModelOptions;

/**
 * The models that a server begins with.
 *
 * @throws RunwrightError RW_OPTION_INVALID when there is none, one is not a handle, or two cannot be told apart
 */
export function servedModels(served: Served | readonly Served[], defaults: ModelDefaults): ModelTable {
  const list = Array.isArray(served) ? (served as readonly Served[]) : [served as Served];
  if (list.length === 0) throw refuse('there is no model to serve', 'Pass at least one handle');
  const table = new ModelTable();
  for (const one of list) table.add(servedModel(one, defaults));
  return table;
}

export function servedModel(served: Served, defaults: ModelDefaults): ServedModel {
  refuseUnmade(served);
  const options: ServedModelOptions = isHandle(served) ? { handle: served } : served;
  refuseUnmade((options as { handle?: unknown } | undefined)?.handle);
  checkOptions<ServedModelOptions>('createServer', options, {
    handle: 'object',
    name: 'string',
    version: 'any',
    queue: 'any',
    concurrency: 'any',
    timeout: 'any',
  });
  const { handle } = options;
  if (!isHandle(handle))
    throw refuse('something that is no handle is to be served', 'Pass what createRunner or loadModel gives');
  const name = options.name ?? handle.definition.name;
  if (name === '')
    throw refuse('the name of a model is empty', 'Give it one that can stand in a URL, or leave `name` out');
  const number = options.version ?? handle.model?.number;
  const check = (key: keyof ServedModelOptions, value: unknown, range: NumberRange): void =>
    checkNumber(`\`${key}\` of "${name}"`, value, range);
  check('version', number, { least: 1 });
  check('concurrency', options.concurrency, { least: 1 });
  check('queue', options.queue, { least: 0 });
  check('timeout', options.timeout, TIMEOUT);
  const timeout = options.timeout ?? defaults.timeout;
  return new ServedModel(handle, {
    name,
    version: number === undefined ? undefined : String(number),
    queue: options.queue ?? defaults.queue,
    concurrency: options.concurrency,
    timeout: timeout === Infinity ? undefined : timeout,
    sendTimeout: defaults.sendTimeout,
    logger: defaults.logger,
  });
}

function isHandle(value: unknown): value is RunnerHandle {
  return typeof value === 'object' && value !== null && 'definition' in value && 'run' in value;
}

/** What there is before a handle is. */
function refuseUnmade(served: unknown): void {
  if (served instanceof Promise) throw refuse('a promise is to be served', 'Await the handle');
  if (typeof served === 'function') {
    throw refuse(
      'a class or a function is to be served',
      'Pass a handle: `await createRunner(...)` gives one',
    );
  }
}

function refuse(what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_OPTION_INVALID', { where: 'createServer', what, hint });
}
