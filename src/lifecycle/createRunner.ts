import { checkOptions, type OptionShapes } from '../errors/checkOptions';
import type { Constructor } from '../metadata/Constructor';
import type { Logger } from '../metadata/contexts';
import { scanRunner } from '../scanner/scanRunner';
import { bindStages } from './bindStages';
import { LocalRunnerHandle } from './LocalRunnerHandle';
import type { ModelSources } from './openModel';
import type { RunnerHandle } from './RunnerHandle';
import { silentLogger } from './silentLogger';

export interface CreateRunnerOptions extends ModelSources {
  /** The object whose methods are the stages, for a class that something else constructs. Default `new Class()`. */
  readonly instance?: object | undefined;
  /** Passed to every stage. Silent by default. */
  readonly logger?: Logger | undefined;
}

/** For whatever takes the same options. */
export const CREATE_RUNNER_SHAPES: OptionShapes<CreateRunnerOptions> = {
  model: 'any',
  props: 'any',
  artifacts: 'texts',
  directory: 'string',
  classes: 'record',
  threads: 'count',
  warmUp: 'list',
  instance: 'any',
  logger: 'object',
};

/**
 * Scans a runner class, loads its model in this process, and resolves when it takes input.
 *
 * The model is `model` if given; else what `@Load` makes of `props`, `artifacts` and `directory`; else what the default
 * loader finds in `directory`; else `undefined`, for a runner that needs none.
 *
 * @throws RunnerInvalidError, RunwrightError RW_STAGE_FAILED (constructor or `@Load`), RW_MODEL_FILE_INVALID,
 *   RW_PROPS_INVALID, RW_OPTION_INVALID
 * @example
 * const handle = await createRunner(IrisRunner, { directory: './model', props: { file: 'forest.json' } });
 */
export async function createRunner<I = unknown, O = unknown>(
  runnerClass: Constructor,
  options: CreateRunnerOptions = {},
): Promise<RunnerHandle<I, O>> {
  const definition = scanRunner(runnerClass);
  checkOptions<CreateRunnerOptions>('createRunner', options, CREATE_RUNNER_SHAPES);
  const logger = options.logger ?? silentLogger;
  const handle = new LocalRunnerHandle<I, O>(definition, bindStages(definition, options.instance), logger);
  await handle.load(options);
  return handle;
}
