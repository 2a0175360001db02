import { RunwrightError } from '../errors/RunwrightError';
import { describeType } from '../errors/describeType';
import { textOf } from '../errors/textOf';
import { directRunOf, type DirectRun } from '../models/tensor/DirectRun';
import type { StageName } from '../metadata/stages';
import type { RunnerDefinition, StageDefinition } from '../scanner/RunnerDefinition';
import { isError } from './isError';

/** A stage's method with its `this`. */
export type StageCall = (...args: unknown[]) => unknown;

export type StageCalls = Readonly<Partial<Record<StageName, StageCall>>> & {
  readonly predict: StageCall;
  /** A way past the stages, where nobody watches them. */
  readonly direct?: DirectRun | undefined;
};

/** Put around every stage by whoever wants to watch, such as `runwright/testing`. */
export type StageWrapper = (stage: StageDefinition, call: StageCall) => StageCall;

/**
 * The callable stages of one runner.
 *
 * @param instance used for instance methods; made with `new Class()` when absent and needed
 * @throws RunwrightError RW_OPTION_INVALID for an instance of another class, RW_STAGE_FAILED when the constructor throws
 */
export function bindStages(definition: RunnerDefinition, instance?: object, wrap?: StageWrapper): StageCalls {
  const { runnerClass, className } = definition;
  if (instance !== undefined && !(instance instanceof runnerClass)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `${className}, option \`instance\``,
      what: `an instance of ${className} is expected, received ${describeType(instance)}`,
      hint: `Pass new ${className}(...) or leave it out`,
    });
  }
  const present = Object.values(definition.stages);
  const needsInstance = present.some((stage) => !stage.static);
  const owner = instance ?? (needsInstance ? construct(definition) : undefined);
  const bind = (stage: StageDefinition): StageCall => {
    const target = (stage.static ? runnerClass : owner) as Record<string | symbol, StageCall>;
    const { method } = stage;
    // Looked up at each call: a method that a test replaces on its own instance must be the one that runs.
    const call: StageCall = (...args) => (target[method] as StageCall).apply(target, args);
    return wrap ? wrap(stage, call) : call;
  };
  const calls = Object.fromEntries(present.map((stage) => [stage.stage, bind(stage)]));
  const direct = instance === undefined && wrap === undefined ? directRunOf(runnerClass) : undefined;
  return { ...calls, predict: bind(definition.stages.predict), direct };
}

function construct({ runnerClass, className }: RunnerDefinition): object {
  try {
    return new runnerClass() as object;
  } catch (cause) {
    throw new RunwrightError('RW_STAGE_FAILED', {
      where: `${className}.constructor`,
      what: `the runner could not be made: ${isError(cause) ? (textOf(cause, 'message') ?? '') : describeType(cause)}`,
      hint: `A constructor that needs arguments is called by you: pass \`instance: new ${className}(...)\``,
      cause,
    });
  }
}
