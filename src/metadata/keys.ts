import type { StageName } from './stages';

// Registered symbols: two copies of Runwright in one process must see each other's classes.
export const RUNNER_KEY = Symbol.for('runwright.runner');

export const stageKey = (stage: StageName): symbol => Symbol.for(`runwright.stage.${stage}`);
