import type { Constructor } from '../metadata/Constructor';
import type { BatchOptions, OipOptions } from '../metadata/options';
import type { StageName } from '../metadata/stages';
import type { Schema } from '../schema/Schema';
import type { SchemaDescription } from '../schema/SchemaDescription';

/** One stage of a runner, resolved over inheritance. */
export interface StageDefinition {
  readonly stage: StageName;
  readonly method: string | symbol;
  readonly static: boolean;
  /** `Class.method`, with the class that was scanned. */
  readonly where: string;
}

/** What there is to know of a runner without running it: plain facts, which another process can be told. */
export interface RunnerDescription {
  readonly name: string;
  readonly description: string | undefined;
  readonly className: string;
  /** What the caller sends; `kind` is `unvalidated` when the class says so. */
  readonly input: SchemaDescription;
  /** What the caller gets; with `stream`, one item of it. */
  readonly output: SchemaDescription;
  /** Set when predict takes and returns arrays. */
  readonly batch: Pick<BatchOptions, 'maxSize'> | undefined;
  /** True when predict returns an async iterable. */
  readonly stream: boolean;
  /** `Class.method` that gives the output, for messages. */
  readonly outputWhere: string;
  readonly oip: Readonly<Required<OipOptions>>;
}

/**
 * A scanned runner class: a plain model, frozen through and through. Whatever runs, packs or serves a runner works from
 * this and never asks the class's metadata again.
 */
export interface RunnerDefinition extends RunnerDescription {
  readonly runnerClass: Constructor;
  readonly stages: Readonly<Partial<Record<StageName, StageDefinition>>> & {
    readonly predict: StageDefinition;
  };
  readonly input: Schema;
  readonly output: Schema;
  /** Which types the class names itself; the others come from emitted metadata. */
  readonly explicitTypes: { readonly input: boolean; readonly output: boolean };
  readonly batch: Readonly<BatchOptions> | undefined;
}
