import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { Constructor } from '../metadata/Constructor';
import { requireReflect } from '../metadata/requireReflect';
import { readRunner } from '../metadata/runnerMetadata';
import { STAGES, type StageName } from '../metadata/stages';
import { checkOptions } from './checkOptions';
import { collectStages, type DeclaredStages } from './collectStages';
import { deepFreeze } from '../metadata/deepFreeze';
import { FaultList } from './FaultList';
import { findSchema, type FoundSchema } from './findSchema';
import { findStreaming } from './findStreaming';
import { optionsOf } from './optionsOf';
import type { RunnerDefinition, StageDefinition } from './RunnerDefinition';

/**
 * Reads a runner class once into a frozen definition.
 *
 * @throws RunnerInvalidError (RW_RUNNER_INVALID) with every fault of the class at once
 * @example
 * const definition = scanRunner(IrisRunner);
 * definition.stages.predict.method; // 'predict'
 */
export function scanRunner(runnerClass: Constructor): RunnerDefinition {
  if (typeof runnerClass !== 'function' || typeof runnerClass.prototype !== 'object') {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: 'scanRunner',
      what: `a runner class is expected, received ${describeType(runnerClass)}`,
      hint: 'Pass the class itself, not an instance of it',
    });
  }
  requireReflect(runnerClass.name);
  const className = runnerClass.name === '' ? '(anonymous class)' : runnerClass.name;
  const faults = new FaultList(className);

  const written = readRunner(runnerClass);
  if (written === undefined)
    faults.add(undefined, 'it is not a runner', 'Put @Runner() on the class (a parent’s does not count)');
  const options = optionsOf(written === undefined ? {} : written, '@Runner()', undefined, faults);
  const name = options.name ?? runnerClass.name;
  const declared = collectStages(runnerClass, faults);
  checkOptions(name, options, declared, faults);
  checkStages(declared, faults);
  const stream = findStreaming(runnerClass, declared, faults);
  const input = findInput(declared, faults);
  const output = findOutput(declared, faults);
  const stages = resolveStages(declared, className);
  // What is missing has its fault.
  if (!faults.isEmpty || !stages.predict || !input || !output) throw faults.toError();
  return deepFreeze({
    name,
    description: options.description,
    runnerClass,
    className,
    stages: { ...stages, predict: stages.predict },
    input: input.schema,
    output: output.schema,
    explicitTypes: { input: input.explicit, output: output.explicit },
    batch: declared.predict?.options.batch && { ...declared.predict.options.batch },
    stream,
    outputWhere: (stages.postprocess ?? stages.predict).where,
    oip: { batch: options.oip?.batch ?? true },
  });
}

function checkStages(declared: DeclaredStages, faults: FaultList): void {
  if (!declared.predict) {
    faults.add(
      undefined,
      'no method is the predict stage',
      'Put @Predict() on the method that runs the model',
    );
  }
  if (declared.save && !declared.load) {
    faults.add(
      declared.save.member,
      '@Save() stands without @Load(): what it writes could never be read',
      'Add a @Load() method, or leave @Save() out and let the default saver work',
    );
  }
}

function findInput({ preprocess, predict }: DeclaredStages, faults: FaultList): FoundSchema | undefined {
  if (!preprocess) {
    if (!predict) return undefined;
    const { input: ref, batch } = predict.options;
    // The emitted type of a batched predict is `Array`, which says nothing of one item.
    const parameter = 1;
    const hint = batch
      ? '@Predict({ batch, input: ... }), the type of one item,'
      : '@Predict({ input: ... })';
    return findSchema({ side: 'input', declared: predict, decorator: hint, ref, parameter }, faults);
  }
  if (predict?.options.input !== undefined) {
    faults.add(
      predict.member,
      '`input` stands on @Predict, but @Preprocess is what gets the input',
      'Move it to @Preprocess',
    );
  }
  const { input: ref } = preprocess.options;
  const decorator = '@Preprocess({ input: ... })';
  return findSchema({ side: 'input', declared: preprocess, decorator, ref, parameter: 0 }, faults);
}

function findOutput({ predict, postprocess }: DeclaredStages, faults: FaultList): FoundSchema | undefined {
  if (postprocess && predict?.options.output !== undefined) {
    faults.add(
      predict.member,
      '`output` stands on @Predict, but @Postprocess is what gives the output',
      'Move it to @Postprocess',
    );
  }
  const declared = postprocess ?? predict;
  if (!declared) return undefined;
  const decorator = postprocess ? '@Postprocess({ output: ... })' : '@Predict({ output: ... })';
  const { output: ref } = declared.options;
  return findSchema({ side: 'output', declared, decorator, ref, parameter: undefined }, faults);
}

function resolveStages(
  declared: DeclaredStages,
  className: string,
): Partial<Record<StageName, StageDefinition>> {
  const stages: Partial<Record<StageName, StageDefinition>> = {};
  for (const stage of STAGES) {
    const found = declared[stage];
    if (!found) continue;
    const { member: method, static: isStatic } = found;
    stages[stage] = { stage, method, static: isStatic, where: `${className}.${String(method)}` };
  }
  return stages;
}
