import type { RunContext } from '../../metadata/contexts';

/** A function of the user's on the way to a model, or back from it. */
export type ModelFunction<T = never> = (data: T, context: RunContext) => unknown;
