import type { Constructor } from '../metadata/Constructor';
import type { BatchOptions } from '../metadata/options';
import type { StageName } from '../metadata/stages';
import type { Schema } from '../schema/Schema';

/** One stage of a runner, resolved over inheritance. */
export interface StageDefinition {
  readonly stage: StageName;
  readonly method: string | symbol;
  readonly static: boolean;
  /** `Class.method`, with the class that was scanned. */
  readonly where: string;
}

/**
 * A scanned runner class: a plain model, frozen through and through. Whatever runs, packs or serves a runner works from
 * this and never asks the class's metadata again.
 */
export interface RunnerDefinition {
  readonly name: string;
  readonly description: string | undefined;
  readonly runnerClass: Constructor;
  readonly className: string;
  readonly stages: Readonly<Partial<Record<StageName, StageDefinition>>> & {
    readonly predict: StageDefinition;
  };
  /** Judges what the caller sends; `kind` is `unvalidated` when the class says so. */
  readonly input: Schema;
  /** Judges what the caller gets; with `stream`, one item of it. */
  readonly output: Schema;
  /** Which types the class names itself; the others come from emitted metadata. */
  readonly explicitTypes: { readonly input: boolean; readonly output: boolean };
  /** Set when predict takes and returns arrays. */
  readonly batch: Readonly<BatchOptions> | undefined;
  /** True when predict returns an async iterable. */
  readonly stream: boolean;
}
