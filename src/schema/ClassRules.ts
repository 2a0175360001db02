import type { Constructor } from '../metadata/Constructor';
import type { Rule } from './RuleStorage';

/** What the decorators of a class say, read once. */
export interface ClassRules {
  readonly type: Constructor;
  readonly properties: readonly PropertyRules[];
}

export interface PropertyRules {
  readonly name: string;
  /** The name in the input: another one with `@Expose({ name })`, none with `@Exclude()`. */
  readonly inputName: string | undefined;
  readonly rules: readonly Rule[];
  /** The classes that a nested object may become; empty when none is declared or it depends on the value. */
  readonly nested: readonly NestedType[];
  /** What a new instance holds; `undefined` when it holds nothing. */
  readonly initial: unknown;
}

export interface NestedType {
  readonly type: Constructor;
  /** The property and its value that choose this class, of a `@Type` with a discriminator. */
  readonly discriminator?: { readonly property: string; readonly value: string; readonly kept: boolean };
}
