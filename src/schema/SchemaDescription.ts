import type { FieldDescription } from './FieldDescription';
import type { JsonSchema } from './JsonSchema';

/** What one side of a runner takes or gives, for whoever documents or translates it: it judges nothing and can be sent. */
export interface SchemaDescription {
  readonly kind: 'class' | 'array' | 'primitive' | 'binary' | 'unvalidated';
  /** For people: `IrisInput`, `IrisInput[]`, `number`, `unvalidated`. */
  readonly typeName: string;
  /** The properties of a class, in the order of their declaration; absent for every other kind. */
  readonly fields?: readonly FieldDescription[];
  /** For documents; it describes and never judges. */
  jsonSchema(): JsonSchema;
}
