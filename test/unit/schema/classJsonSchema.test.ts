import 'reflect-metadata';
import { Exclude, Expose, Type } from 'class-transformer';
import * as rules from 'class-validator';
import {
  Allow,
  ArrayContains,
  ArrayMaxSize,
  ArrayMinSize,
  ArrayNotContains,
  ArrayNotEmpty,
  ArrayUnique,
  Contains,
  Equals,
  IsArray,
  IsBase64,
  IsBoolean,
  IsDate,
  IsDateString,
  IsDefined,
  IsDivisibleBy,
  IsEmail,
  IsEmpty,
  IsEnum,
  IsHexColor,
  IsIn,
  IsInstance,
  IsInt,
  IsIP,
  IsISO8601,
  IsJSON,
  IsLatitude,
  IsNegative,
  IsNotEmpty,
  IsNotEmptyObject,
  IsNotIn,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  NotContains,
  NotEquals,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleKeywords } from '../../../src/schema/ruleKeywords';
import type { Rule } from '../../../src/schema/RuleStorage';
import type { JsonSchema } from '../../../src/schema/JsonSchema';
import { issuesOf, mustCreate, parseNow } from './mustCreate';

enum Size {
  Small = 1,
  Large = 2,
}
enum Colour {
  Red = 'red',
  Blue = 'blue',
}

const custom: PropertyDecorator = (target, propertyName) =>
  registerDecorator({
    name: 'isLucky',
    target: target.constructor,
    propertyName: propertyName as string,
    validator: { validate: (value) => value === 7 },
  });

/** The document's `x` and whether it is required, of a class with one property. */
function describeProperty(...decorators: PropertyDecorator[]): { schema: unknown; required: boolean } {
  class One {}
  decorators.forEach((decorate) => decorate(One.prototype, 'x'));
  const document = mustCreate(One).jsonSchema() as { properties: { x: unknown }; required?: string[] };
  return { schema: document.properties.x, required: document.required?.includes('x') ?? false };
}

const string = { type: 'string' };

describe('JSON Schema of one property', () => {
  it.each<[string, PropertyDecorator[], JsonSchema]>([
    ['IsString', [IsString()], string],
    ['IsBoolean', [IsBoolean()], { type: 'boolean' }],
    ['IsNumber', [IsNumber()], { type: 'number' }],
    ['IsNumber with decimals', [IsNumber({ maxDecimalPlaces: 2 })], { type: 'number', multipleOf: 0.01 }],
    ['IsInt', [IsInt()], { type: 'integer' }],
    ['IsInt and IsNumber', [IsNumber(), IsInt()], { type: 'integer' }],
    ['Min and Max', [IsInt(), Min(0), Max(9)], { type: 'integer', minimum: 0, maximum: 9 }],
    ['IsPositive', [IsPositive()], { type: 'number', exclusiveMinimum: 0 }],
    ['IsNegative', [IsNegative()], { type: 'number', exclusiveMaximum: 0 }],
    ['IsDivisibleBy', [IsDivisibleBy(-3)], { type: 'number', multipleOf: 3 }],
    ['IsLatitude', [IsLatitude()], { type: ['number', 'string'], minimum: -90, maximum: 90 }],
    ['Length', [Length(1, 3)], { ...string, minLength: 1, maxLength: 3 }],
    ['Length without an end', [Length(2)], { ...string, minLength: 2 }],
    ['MinLength and MaxLength', [MinLength(2), MaxLength(4)], { ...string, minLength: 2, maxLength: 4 }],
    ['Matches', [Matches(/^a[\d]$/)], { ...string, pattern: '^a[\\d]$' }],
    ['Matches with a flag', [Matches(/^a$/i)], string],
    ['Matches with a pattern of old', [Matches('\\_')], string],
    ['Contains', [Contains('a.b')], { ...string, pattern: 'a\\.b' }],
    ['NotContains', [NotContains('/')], { ...string, not: { pattern: '\\/' } }],
    ['IsEmail', [IsEmail()], { ...string, format: 'email' }],
    ['IsUrl', [IsUrl()], { ...string, format: 'uri-reference' }],
    ['IsUrl with a protocol', [IsUrl({ require_protocol: true })], { ...string, format: 'uri' }],
    ['IsUUID', [IsUUID()], { ...string, format: 'uuid' }],
    ['IsIP', [IsIP(6)], { ...string, format: 'ipv6' }],
    ['IsISO8601', [IsISO8601()], { ...string, format: 'date-time' }],
    ['IsDateString', [IsDateString()], { ...string, format: 'date-time' }],
    ['IsDate', [IsDate(), Type(() => Date)], { ...string, format: 'date-time' }],
    ['IsBase64', [IsBase64()], { ...string, contentEncoding: 'base64' }],
    ['IsInstance of bytes', [IsInstance(Uint8Array)], { ...string, contentEncoding: 'base64' }],
    ['IsJSON', [IsJSON()], { ...string, contentMediaType: 'application/json' }],
    ['IsHexColor', [IsHexColor()], string],
    ['IsIn', [IsIn(['a', 1, null, Number.NaN, undefined])], { enum: ['a', 1, null] }],
    ['IsEnum of numbers', [IsEnum(Size)], { enum: [1, 2] }],
    ['IsEnum of strings', [IsEnum(Colour)], { enum: ['red', 'blue'] }],
    ['Equals', [Equals('v1')], { enum: ['v1'] }],
    ['IsNotEmpty of anything', [IsNotEmpty()], { not: { enum: ['', null] } }],
    ['IsNotEmpty of a string', [IsNotEmpty(), IsString()], { ...string, minLength: 1 }],
    ['IsNotEmpty beside MinLength', [IsNotEmpty(), MinLength(3)], { ...string, minLength: 3 }],
    ['IsDefined', [IsDefined()], { not: { type: 'null' } }],
    ['IsDefined beside a type', [IsDefined(), IsString()], string],
    ['IsObject', [IsObject()], { type: 'object' }],
    ['IsNotEmptyObject', [IsNotEmptyObject()], { type: 'object', minProperties: 1 }],
    ['IsArray', [IsArray()], { type: 'array' }],
    [
      'each',
      [IsNumber({}, { each: true }), Min(0, { each: true })],
      { type: 'array', items: { type: 'number', minimum: 0 } },
    ],
    ['sizes of arrays', [ArrayMinSize(1), ArrayMaxSize(3)], { type: 'array', minItems: 1, maxItems: 3 }],
    ['ArrayNotEmpty', [ArrayNotEmpty()], { type: 'array', minItems: 1 }],
    [
      'ArrayUnique',
      [ArrayUnique(), IsInt({ each: true })],
      { type: 'array', uniqueItems: true, items: { type: 'integer' } },
    ],
    ['ArrayContains', [ArrayContains([1])], { type: 'array', allOf: [{ contains: { enum: [1] } }] }],
    ['ArrayNotContains', [ArrayNotContains(['a'])], { type: 'array', not: { contains: { enum: ['a'] } } }],
  ])('%s', (_, decorators, schema) => {
    expect(describeProperty(...decorators)).toEqual({ schema, required: true });
  });

  it.each<[string, PropertyDecorator[], JsonSchema]>([
    ['Allow', [Allow()], {}],
    ['a rule of the user', [custom], {}],
    ['IsEmpty', [IsEmpty()], { enum: ['', null] }],
    ['IsNotIn', [IsNotIn([1, 2])], { not: { enum: [1, 2] } }],
    ['NotEquals', [NotEquals(null)], { not: { enum: [null] } }],
    ['a rule with a condition of its own', [IsString({ validateIf: () => false })], {}],
    ['IsOptional', [IsOptional(), IsString(), MinLength(1)], { type: ['string', 'null'], minLength: 1 }],
    ['IsOptional alone', [IsOptional()], {}],
    ['IsOptional of an enum', [IsOptional(), IsIn([1])], { anyOf: [{ enum: [1] }, { type: 'null' }] }],
    ['IsOptional over IsDefined', [IsOptional(), IsDefined(), IsInt()], { type: ['integer', 'null'] }],
    [
      'ValidateIf',
      [ValidateIf(() => true), IsInt()],
      { $comment: 'These rules hold only under a condition of the class', anyOf: [{ type: 'integer' }, {}] },
    ],
  ])('%s is not required', (_, decorators, schema) => {
    expect(describeProperty(...decorators)).toEqual({ schema, required: false });
  });

  it('knows every rule that class-validator brings along', () => {
    const names = Object.values(rules as Record<string, unknown>).filter((name) => typeof name === 'string');
    const unknown = names.filter(
      (name) =>
        name !== 'isOptional' && ruleKeywords({ name, constraints: [] } as unknown as Rule) === undefined,
    );
    expect(names.length).toBeGreaterThan(90);
    expect(unknown).toEqual([]);
  });

  it('requires a property exactly where the judge refuses its absence, for every rule', () => {
    const decorators = Object.entries(rules as unknown as Record<string, () => PropertyDecorator>).filter(
      ([name]) =>
        /^(Is|Array|Max|Min|Matches|Length|Contains|Not|Equals)[A-Z]?[a-z]/.test(name) &&
        !['IsEnum', 'NotEquals'].includes(name),
    );
    const seen = { required: 0, optional: 0 };
    for (const [name, make] of decorators) {
      class One {}
      make()(One.prototype, 'x');
      const schema = mustCreate(One);
      const { required = [] } = schema.jsonSchema() as { required?: string[] };
      seen[required.length > 0 ? 'required' : 'optional'] += 1;
      expect([name, required.length > 0]).toEqual([name, issuesOf(schema, {}).length > 0]);
    }
    expect(seen.required).toBeGreaterThan(70);
    expect(seen.optional).toBeGreaterThan(2);
  });
});

class Leaf {
  @IsString() name!: string;
  @IsOptional() @IsInt() weight?: number | null;
}
class Tree {
  @IsIn(['oak', 'fir']) kind!: string;
  @ValidateNested() @Type(() => Leaf) leaf!: Leaf;
  @IsDefined() @ValidateNested() @Type(() => Leaf) trunk!: Leaf;
  @ArrayUnique() @ValidateNested({ each: true }) @Type(() => Leaf) leaves!: Leaf[];
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Tree) children?: Tree[];
  @IsOptional() @ValidateNested() @Type(() => Tree) parent?: Tree | null;
  @IsInt() age = 3;
}

describe('JSON Schema of a class', () => {
  it('has the class at the top and what it refers to under $defs', () => {
    const leaf = { $ref: '#/$defs/Leaf' };
    const tree = { $ref: '#/$defs/Tree' };
    const body = {
      title: 'Tree',
      type: 'object',
      properties: {
        kind: { enum: ['oak', 'fir'] },
        leaf,
        trunk: leaf,
        leaves: { type: 'array', items: leaf },
        children: { type: ['array', 'null'], items: tree },
        parent: { anyOf: [tree, { type: 'null' }] },
        age: { type: 'integer' },
      },
      required: ['kind', 'trunk', 'leaves'],
      additionalProperties: false,
    };
    const $schema = 'https://json-schema.org/draft/2020-12/schema';
    const $defs = {
      Tree: body,
      Leaf: {
        title: 'Leaf',
        type: 'object',
        properties: { name: string, weight: { type: ['integer', 'null'] } },
        required: ['name'],
        additionalProperties: false,
      },
    };
    expect(mustCreate(Tree).jsonSchema()).toEqual({ $schema, ...body, $defs });
    expect(mustCreate([Tree]).jsonSchema()).toEqual({ $schema, type: 'array', items: tree, $defs });
    expect(mustCreate(Leaf).jsonSchema()).toEqual({ $schema, ...$defs.Leaf });
  });

  it('is one text, whenever it is made', () => {
    expect(JSON.stringify(mustCreate(Tree).jsonSchema())).toBe(JSON.stringify(mustCreate(Tree).jsonSchema()));
  });

  it('tells classes of one name apart', () => {
    const Other = (() => {
      class Leaf {
        @IsBoolean() green!: boolean;
      }
      return Leaf;
    })();
    class Both {
      @ValidateNested() @Type(() => Leaf) a!: Leaf;
      @ValidateNested() @Type(() => Other) b!: unknown;
    }
    const { properties, $defs } = mustCreate(Both).jsonSchema() as Record<
      string,
      Record<string, { properties: object }>
    >;
    expect(properties).toMatchObject({ a: { $ref: '#/$defs/Leaf' }, b: { $ref: '#/$defs/Leaf2' } });
    expect(Object.keys($defs?.Leaf2?.properties ?? {})).toEqual(['green']);
  });

  it('includes inherited rules and the names of the input', () => {
    class Base {
      @IsNumber() @Expose({ name: 'base_size' }) baseSize!: number;
    }
    class Derived extends Base {
      @IsString() label!: string;
    }
    expect(mustCreate(Derived).jsonSchema()).toMatchObject({
      properties: { label: string, base_size: { type: 'number' } },
      required: ['label', 'base_size'],
    });
  });

  it('leaves out what is excluded from the input', () => {
    class Hidden {
      @IsString() label!: string;
      @IsOptional() @IsString() @Exclude() secret?: string;
    }
    expect(mustCreate(Hidden).jsonSchema()).toMatchObject({ properties: { label: string } });
    expect(mustCreate(Hidden).jsonSchema().properties as object).not.toHaveProperty('secret');
  });

  it('gives each class of a discriminator the value that chooses it', () => {
    class Shape {
      @IsOptional() @IsString() colour?: string;
    }
    class Circle extends Shape {
      @IsNumber() radius!: number;
    }
    class Square extends Shape {
      @IsNumber() side!: number;
    }
    class Drawing {
      @ValidateNested({ each: true })
      @Type(() => Shape, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { name: 'circle', value: Circle },
            { name: 'square', value: Square },
          ],
        },
      })
      shapes!: Shape[];
    }
    const document = mustCreate(Drawing).jsonSchema() as Record<string, Record<string, unknown>>;
    expect(document.properties).toEqual({
      shapes: {
        type: 'array',
        items: { anyOf: [{ $ref: '#/$defs/Circle.circle' }, { $ref: '#/$defs/Square.square' }] },
      },
    });
    expect(document.$defs?.['Circle.circle']).toMatchObject({
      properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
      required: ['kind', 'radius'],
    });
  });
});

/** Values that satisfy a document of the kind that is written here. */
function satisfying(document: JsonSchema): fc.Arbitrary<unknown> {
  const definitions = (document.$defs ?? {}) as Record<string, JsonSchema>;
  const of = (schema: JsonSchema, depth: number): fc.Arbitrary<unknown> => {
    const { type, enum: values, const: constant, anyOf, $ref } = schema as Record<string, never>;
    if ($ref !== undefined)
      return of(definitions[($ref as string).slice('#/$defs/'.length)] ?? {}, depth + 1);
    if (constant !== undefined) return fc.constant(constant);
    if (values !== undefined) return fc.constantFrom(...(values as unknown[]));
    if (anyOf !== undefined) return fc.oneof(...(anyOf as JsonSchema[]).map((option) => of(option, depth)));
    if (Array.isArray(type))
      return fc.oneof(...(type as string[]).map((one) => of({ ...schema, type: one }, depth)));
    const limit = (key: string, fallback: number): number => (schema[key] as number | undefined) ?? fallback;
    switch (type as string | undefined) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
      case 'number': {
        const min = limit('minimum', limit('exclusiveMinimum', -1e6));
        const max = limit('maximum', limit('exclusiveMaximum', 1e6));
        const step = limit('multipleOf', type === 'integer' ? 1 : 0);
        const excluded = {
          minExcluded: 'exclusiveMinimum' in schema,
          maxExcluded: 'exclusiveMaximum' in schema,
        };
        if (step === 0) {
          // -0 is below nothing.
          return fc.double({ min, max, noNaN: true, ...excluded }).filter((value) => !Object.is(value, -0));
        }
        return fc
          .integer({ min: Math.ceil(min / step), max: Math.floor(max / step) })
          .map((count) => count * step);
      }
      case 'string': {
        const size = { minLength: limit('minLength', 0), maxLength: limit('maxLength', 20) };
        if (schema.format === 'uuid') return fc.uuid();
        if (schema.format === 'email') return fc.constantFrom('a@b.co', 'first.last@example.com');
        if (schema.format === 'date-time') {
          return fc
            .date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2100-01-01') })
            .map((date) => date.toISOString());
        }
        if (schema.contentEncoding === 'base64') return fc.base64String(size);
        if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern as string));
        return fc.string({ ...size, unit: 'grapheme-ascii' });
      }
      case 'array': {
        const size = {
          minLength: limit('minItems', 0),
          maxLength: Math.min(limit('maxItems', 4), depth > 2 ? 0 : 4),
        };
        const items = of((schema.items as JsonSchema | undefined) ?? { type: 'number' }, depth);
        return schema.uniqueItems === true ? fc.uniqueArray(items, size) : fc.array(items, size);
      }
      case 'object': {
        if (schema.properties === undefined)
          return fc.dictionary(fc.constantFrom('p', 'q'), fc.integer(), {
            minKeys: limit('minProperties', 0),
          });
        const required = (schema.required as string[] | undefined) ?? [];
        // Optional references end here: the class may refer to itself.
        const kept = Object.entries(schema.properties as Record<string, JsonSchema>).filter(
          ([name]) => depth < 3 || required.includes(name),
        );
        return fc.record(
          Object.fromEntries(kept.map(([name, property]) => [name, of(property, depth + 1)])),
          { requiredKeys: required },
        );
      }
      default:
        return fc.constantFrom(1, 'x', true);
    }
  };
  return of(document, 0);
}

describe('a value that satisfies the document', () => {
  class Everything {
    @IsNumber() @Min(-5) @Max(5) number!: number;
    @IsInt() @IsDivisibleBy(3) third!: number;
    @IsPositive() positive!: number;
    @IsNegative() negative!: number;
    @Length(1, 5) text!: string;
    @IsNotEmpty() @IsString() filled!: string;
    @IsNotEmpty() anything!: unknown;
    @Matches(/^[a-c]{2}\d$/) code!: string;
    @IsEmail() email!: string;
    @IsUUID() uuid!: string;
    @IsDateString() time!: string;
    @IsDate() @Type(() => Date) date!: Date;
    @IsBase64() bytes!: string;
    @IsBoolean() flag!: boolean;
    @IsEnum(Size) size!: Size;
    @IsEnum(Colour) colour!: Colour;
    @IsOptional() @IsIn([1, 'a']) choice?: unknown;
    @IsArray() @ArrayMinSize(1) @ArrayMaxSize(3) @IsNumber({}, { each: true }) vector!: number[];
    @ArrayUnique() @IsInt({ each: true }) set!: number[];
    @IsNotEmptyObject() object!: object;
    @IsEmpty() empty?: unknown;
    @ValidateIf(({ flag }: { flag: boolean }) => !flag) @Allow() open?: unknown;
    @IsDefined() @ValidateNested() @Type(() => Tree) tree!: Tree;
    @IsOptional() @ValidateNested({ each: true }) @Type(() => Leaf) leaves?: Leaf[];
  }

  it.each([Everything, Tree, Leaf, [Leaf]])('passes parse: %o', (type) => {
    const schema = mustCreate(type);
    fc.assert(
      fc.property(satisfying(schema.jsonSchema()), (value) => {
        const result = parseNow(schema, value);
        expect(result.ok ? [] : result.issues).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
