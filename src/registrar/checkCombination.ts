import { RunwrightError } from '../errors/RunwrightError';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';

/** What is asked for, before anything is looked up. */
export interface Combination {
  readonly number: number | null;
  readonly hasInstance: boolean;
  readonly hasArtifacts: boolean;
}

/**
 * Which of the four combinations of model number and instance make sense for a runner.
 *
 * @throws RunwrightError RW_OPTION_INVALID
 */
export function checkCombination(
  definition: RunnerDefinition,
  { number, hasInstance, hasArtifacts }: Combination,
): void {
  if (hasInstance) return;
  const where = 'modelInstance';
  const { load } = definition.stages;
  if (number !== null && !load) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where,
      what: `none is given for model ${number}, and ${definition.className} has no @Load() that could read what is there`,
      hint: 'Pass `modelInstance`, or add a @Load() method',
    });
  }
  if (number === null && !(load && hasArtifacts)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where,
      what: 'none is given for a new model number',
      hint: 'Pass `modelInstance`; or pass `artifacts`, with a @Load() method that makes the model of them',
    });
  }
}
