import type { StageName } from '../metadata/stages';

/** One call of one stage, as a test sees it. */
export interface StageRecord {
  readonly stage: StageName;
  /** `Class.method`. */
  readonly where: string;
  /** What went in: the model for save and dispose, `{ props, artifacts }` for load, the data for the others. */
  readonly input: unknown;
  /** What came out; an array of the items where predict streams. Absent when the stage threw before anything came out. */
  readonly output?: unknown;
  /** What the stage threw, as it threw it. */
  readonly error?: unknown;
}
