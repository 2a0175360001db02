import type { RunnerDefinition } from '../../scanner/RunnerDefinition';
import type { Schema } from '../../schema/Schema';
import type { ManifestRunner, ManifestType } from './RunnerManifest';

/** A definition as the data that stands in a manifest and crosses from process to process. */
export function describeRunner(definition: RunnerDefinition, exportName: string | null): ManifestRunner {
  const { name, description, className, batch, stream, explicitTypes } = definition;
  const stages = Object.values(definition.stages).map((stage) => [
    stage.stage,
    { method: String(stage.method), static: stage.static },
  ]);
  return {
    name,
    description: description ?? null,
    className,
    export: exportName,
    stages: Object.fromEntries(stages) as ManifestRunner['stages'],
    batch: batch ?? null,
    stream,
    input: describeSchema(definition.input, explicitTypes.input),
    output: describeSchema(definition.output, explicitTypes.output),
  };
}

function describeSchema(schema: Schema, explicit: boolean): ManifestType {
  return { type: schema.typeName, kind: schema.kind, explicit, schema: schema.jsonSchema() };
}
