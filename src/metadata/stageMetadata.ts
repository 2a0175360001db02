import { stageKey } from './keys';
import type { StageOptions } from './options';
import type { StageName } from './stages';

/** One use of a stage decorator on one member of one class. */
export interface StageDeclaration {
  readonly member: string | symbol;
  readonly static: boolean;
  /** What was decorated; everything but a method is a fault that the scanner reports. */
  readonly kind: 'method' | 'accessor' | 'property';
  readonly options: StageOptions;
}

export function writeStage(target: object, stage: StageName, declaration: StageDeclaration): void {
  Reflect.defineMetadata(stageKey(stage), [...readStage(target, stage), declaration], target);
}

/** The declarations on this very class, in source order; a parent's do not count. */
export function readStage(target: object, stage: StageName): readonly StageDeclaration[] {
  return (Reflect.getOwnMetadata(stageKey(stage), target) as readonly StageDeclaration[] | undefined) ?? [];
}
