import type { StageName } from './stages';

/** How a user knows a stage: `@Predict()`. */
export function decoratorName(stage: StageName): string {
  return `@${stage.charAt(0).toUpperCase()}${stage.slice(1)}()`;
}
