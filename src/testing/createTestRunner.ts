import { checkOptions } from '../errors/checkOptions';
import { bindStages } from '../lifecycle/bindStages';
import { CREATE_RUNNER_SHAPES, type CreateRunnerOptions } from '../lifecycle/createRunner';
import { LocalRunnerHandle } from '../lifecycle/LocalRunnerHandle';
import { silentLogger } from '../lifecycle/silentLogger';
import type { Constructor } from '../metadata/Constructor';
import { scanRunner } from '../scanner/scanRunner';
import { StageRecorder } from './StageRecorder';
import { TestRunner } from './TestRunner';

/**
 * The production lifecycle of a runner, in this process, with fakes for what a test does not want to be real. Nothing is
 * loaded before something needs the model, so one stage can be tested without any of the others.
 *
 * @throws RunnerInvalidError, RunwrightError RW_STAGE_FAILED (the constructor), RW_OPTION_INVALID
 * @example
 * const runner = createTestRunner(IrisRunner, { model: fakeForest });
 * expect(await runner.run({ sepalLength: 5, ... })).toEqual({ species: 'setosa', confidence: 1 });
 * expect(runner.records.map(({ stage }) => stage)).toEqual(['preprocess', 'predict', 'postprocess']);
 */
export function createTestRunner<I = unknown, O = unknown>(
  runnerClass: Constructor,
  options: CreateRunnerOptions = {},
): TestRunner<I, O> {
  const definition = scanRunner(runnerClass);
  checkOptions<CreateRunnerOptions>('createTestRunner', options, CREATE_RUNNER_SHAPES);
  const recorder = new StageRecorder();
  const calls = bindStages(definition, options.instance, recorder.wrap);
  const logger = options.logger ?? silentLogger;
  return new TestRunner<I, O>(new LocalRunnerHandle<I, O>(definition, calls, logger), recorder, {
    ...options,
    calls,
    logger,
  });
}
