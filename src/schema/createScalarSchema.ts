import { types } from 'node:util';
import { bufferOf } from '../artifact/bufferOf';
import type { Constructor } from '../metadata/Constructor';
import { IssueList } from './IssueList';
import { DRAFT } from './jsonSchemaDraft';
import type { JsonSchema } from './JsonSchema';
import type { ParseResult, Schema } from './Schema';
import { MAX_NODES } from './takeSnapshot';
import { Unvalidated } from './Unvalidated';

interface Scalar {
  readonly kind: Schema['kind'];
  readonly typeName: string;
  readonly jsonSchema: JsonSchema;
  readonly constraint: string;
  accepts(value: unknown): boolean;
  convert?(value: unknown): unknown;
}

const binary = {
  kind: 'binary',
  jsonSchema: { type: 'string', contentEncoding: 'base64' },
  constraint: 'isBinary',
  accepts: types.isUint8Array,
} as const;

const SCALARS: ReadonlyMap<unknown, Scalar> = new Map<unknown, Scalar>([
  [
    Unvalidated,
    { kind: 'unvalidated', typeName: 'unvalidated', jsonSchema: {}, constraint: 'any', accepts: () => true },
  ],
  [
    String,
    {
      kind: 'primitive',
      typeName: 'string',
      jsonSchema: { type: 'string' },
      constraint: 'isString',
      accepts: (value) => typeof value === 'string',
    },
  ],
  [
    Number,
    {
      kind: 'primitive',
      typeName: 'number',
      jsonSchema: { type: 'number' },
      constraint: 'isNumber',
      accepts: Number.isFinite,
    },
  ],
  [
    Boolean,
    {
      kind: 'primitive',
      typeName: 'boolean',
      jsonSchema: { type: 'boolean' },
      constraint: 'isBoolean',
      accepts: (value) => typeof value === 'boolean',
    },
  ],
  [Uint8Array, { ...binary, typeName: 'Uint8Array' }],
  [
    Buffer,
    {
      ...binary,
      typeName: 'Buffer',
      // A view of the same bytes: who declares a Buffer calls its methods.
      convert: (value) => bufferOf(value as Uint8Array),
    },
  ],
]);

/** The schema of a type that needs no decorators, or of an array of it; `undefined` for any other class. */
export function createScalarSchema(type: Constructor, isArray: boolean): Schema | undefined {
  const scalar = SCALARS.get(type);
  if (scalar === undefined) return undefined;
  const { kind, typeName, jsonSchema } = scalar;
  const document = { $schema: DRAFT, ...(isArray ? { type: 'array', items: jsonSchema } : jsonSchema) };
  return {
    kind: isArray ? 'array' : kind,
    typeName: isArray ? `${typeName}[]` : typeName,
    parse: isArray ? (value) => parseArray(scalar, value) : (value) => parseOne(scalar, value),
    jsonSchema: () => document,
  };
}

function parseOne(scalar: Scalar, value: unknown): ParseResult<unknown> {
  if (scalar.accepts(value)) return { ok: true, value: scalar.convert ? scalar.convert(value) : value };
  const issues = new IssueList();
  issues.add([], scalar.constraint, `must be ${nameOf(scalar)}`, value);
  return { ok: false, issues: issues.toArray() };
}

function parseArray(scalar: Scalar, value: unknown): ParseResult<unknown> {
  const issues = new IssueList();
  const items: unknown[] = [];
  try {
    if (!Array.isArray(value)) {
      issues.add([], 'isArray', `must be an array of ${scalar.typeName}`, value);
    } else if (value.length > MAX_NODES) {
      issues.add([], 'maxNodes', `an array must have at most ${MAX_NODES} elements`, value);
    } else {
      for (let index = 0; index < value.length; index += 1) {
        const item: unknown = value[index];
        if (scalar.accepts(item)) items.push(scalar.convert ? scalar.convert(item) : item);
        else issues.add([index], scalar.constraint, `must be ${nameOf(scalar)}`, item);
      }
    }
  } catch {
    issues.add([], 'readable', 'the value threw when it was read', undefined);
  }
  return issues.isEmpty ? { ok: true, value: items } : { ok: false, issues: issues.toArray() };
}

function nameOf({ kind, typeName }: Scalar): string {
  return kind === 'binary'
    ? 'bytes (a Uint8Array)'
    : typeName === 'number'
      ? 'a finite number'
      : `a ${typeName}`;
}
