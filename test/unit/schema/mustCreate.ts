import { createSchema } from '../../../src/schema/createSchema';
import type { ParseResult, Schema } from '../../../src/schema/Schema';
import type { Issue } from '../../../src/errors/Issue';

export function mustCreate(type: unknown): Schema {
  const result = createSchema(type as Parameters<typeof createSchema>[0]);
  if (!result.ok) throw new Error(`${result.what}. ${result.hint}`);
  return result.schema;
}

/** The synchronous answer; a promise is a failure of the test. */
export function parseNow(schema: Schema, value: unknown): ParseResult<unknown> {
  const result = schema.parse(value);
  if (result instanceof Promise) throw new Error('parse returned a promise');
  return result;
}

export function valueOf(schema: Schema, value: unknown): unknown {
  const result = parseNow(schema, value);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

export function issuesOf(schema: Schema, value: unknown): readonly Issue[] {
  const result = parseNow(schema, value);
  return result.ok ? [] : result.issues;
}

/** `path constraint received`, one line an issue. */
export function brief(issues: readonly Issue[]): string[] {
  return issues.map(({ path, constraint, received }) => `${path} ${constraint} ${received}`);
}
