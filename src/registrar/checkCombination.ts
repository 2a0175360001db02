import { RunwrightError } from '../errors/RunwrightError';
import type { ModelEntry } from '../registry/Registry';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';

/** What is asked for, before anything is looked up. */
export interface Combination {
  /** `null` for a new number. */
  readonly existing: Pick<ModelEntry, 'number' | 'digest'> | null;
  readonly hasInstance: boolean;
  readonly hasArtifacts: boolean;
}

/**
 * Which of the four combinations of model number and instance make sense for a runner. A number that is only reserved has
 * nothing that could be kept: it is as a new one.
 *
 * @throws RunwrightError RW_OPTION_INVALID
 */
export function checkCombination(
  definition: RunnerDefinition,
  { existing, hasInstance, hasArtifacts }: Combination,
): void {
  if (hasInstance) return;
  const where = 'modelInstance';
  const { load } = definition.stages;
  const holdsPackage = existing !== null && existing.digest !== null;
  if (holdsPackage && !load) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where,
      what: `none is given for model ${existing.number}, and ${definition.className} has no @Load() that could read what is there`,
      hint: 'Pass `modelInstance`, or add a @Load() method',
    });
  }
  if (!holdsPackage && !(load && hasArtifacts)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where,
      what:
        existing === null
          ? 'none is given for a new model number'
          : `none is given for model ${existing.number}, which is reserved and holds no package yet`,
      hint: 'Pass `modelInstance`; or pass `artifacts`, with a @Load() method that makes the model of them',
    });
  }
}
