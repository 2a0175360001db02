import { deepFreeze } from '../../metadata/deepFreeze';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import type { JsonSchema } from '../../schema/JsonSchema';
import type { SchemaDescription } from '../../schema/SchemaDescription';

type Facts<T> = { readonly [K in keyof T]: undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K] };

type WireSchema = Omit<SchemaDescription, 'jsonSchema'> & { readonly schema: JsonSchema };

/** What there is to know of a runner, as the JSON that its worker sends. */
export interface WireDescription extends Omit<Facts<RunnerDescription>, 'input' | 'output'> {
  readonly input: WireSchema;
  readonly output: WireSchema;
}

export function toWireDescription(definition: RunnerDescription): WireDescription {
  const { name, description, className, batch, stream, outputWhere, oip } = definition;
  return {
    name,
    description: description ?? null,
    className,
    batch: batch ? { maxSize: batch.maxSize } : null,
    stream,
    outputWhere,
    oip,
    input: toWireSchema(definition.input),
    output: toWireSchema(definition.output),
  };
}

/** Frozen through and through, as a definition is. */
export function fromWireDescription(wire: WireDescription): RunnerDescription {
  return deepFreeze({
    ...wire,
    description: wire.description ?? undefined,
    batch: wire.batch ?? undefined,
    input: fromWireSchema(wire.input),
    output: fromWireSchema(wire.output),
  });
}

function toWireSchema(schema: SchemaDescription): WireSchema {
  const { kind, typeName, fields } = schema;
  return { kind, typeName, ...(fields && { fields }), schema: schema.jsonSchema() };
}

function fromWireSchema({ schema, ...facts }: WireSchema): SchemaDescription {
  deepFreeze(schema);
  return { ...facts, jsonSchema: () => schema };
}

/** True where each request is a run of its own that ends with its answer: neither gathered into batches nor streamed. */
export function hasOwnRuns({ batch, stream }: Pick<WireDescription, 'batch' | 'stream'>): boolean {
  return !batch && !stream;
}
