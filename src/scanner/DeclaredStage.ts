import type { StageDeclaration } from '../metadata/stageMetadata';

/** A stage's declaration and the class of the chain that made it. */
export interface DeclaredStage extends StageDeclaration {
  readonly declaredBy: object;
}
