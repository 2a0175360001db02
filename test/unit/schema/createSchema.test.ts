import 'reflect-metadata';
import { Type } from 'class-transformer';
import { Allow, IsNumber, IsOptional, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../../src/schema/createSchema';
import { MAX_NODES } from '../../../src/schema/takeSnapshot';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import { brief, issuesOf, mustCreate, valueOf } from './mustCreate';

class Point {
  @IsNumber() x!: number;
  @IsOptional() @ValidateNested() @Type(() => Point) next?: Point;
}

describe('createSchema', () => {
  it.each([
    [Unvalidated, 'unvalidated', 'unvalidated'],
    [String, 'primitive', 'string'],
    [Number, 'primitive', 'number'],
    [Boolean, 'primitive', 'boolean'],
    [Uint8Array, 'binary', 'Uint8Array'],
    [Buffer, 'binary', 'Buffer'],
    [Point, 'class', 'Point'],
    [[Point], 'array', 'Point[]'],
    [[Number], 'array', 'number[]'],
    [[Unvalidated], 'array', 'unvalidated[]'],
  ])('names %o', (type, kind, typeName) => {
    expect(mustCreate(type)).toMatchObject({ kind, typeName });
  });

  it.each([Point, [Point], Number, [Number], Unvalidated])('freezes the schema of %o deeply', (type) => {
    const seen: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) seen.push(path);
      Object.entries(value).forEach(([key, child]) => visit(child, `${path}.${key}`));
    };
    const schema = mustCreate(type);
    visit(schema, 'schema');
    visit(schema.jsonSchema(), 'jsonSchema');
    expect(seen).toEqual([]);
  });

  describe('values without decorators', () => {
    it('passes an unvalidated value through as it is', () => {
      const value = { self: Symbol('x'), fn: () => 1 };
      expect(valueOf(mustCreate(Unvalidated), value)).toBe(value);
      expect(valueOf(mustCreate(Unvalidated), undefined)).toBeUndefined();
    });

    it.each([
      [String, '', 1, 'isString number'],
      [String, 'a', new String('a'), 'isString String'],
      [Number, 1.5, '1', 'isNumber string'],
      [Number, 0, Number.NaN, 'isNumber NaN'],
      [Number, -1, Infinity, 'isNumber Infinity'],
      [Boolean, false, 'false', 'isBoolean string'],
      [Uint8Array, new Uint8Array(2), new Uint16Array(2), 'isBinary Uint16Array'],
      [Uint8Array, Buffer.from('a'), 'YQ==', 'isBinary string'],
    ])('%o takes %o and refuses %o', (type, good, bad, issue) => {
      expect(valueOf(mustCreate(type), good)).toBe(good);
      expect(brief(issuesOf(mustCreate(type), bad))).toEqual([` ${issue}`]);
    });

    it('gives a Buffer over the same bytes where a Buffer is declared', () => {
      const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
      const value = valueOf(mustCreate(Buffer), bytes);
      expect(Buffer.isBuffer(value)).toBe(true);
      expect([...(value as Buffer)]).toEqual([2, 3]);
      expect((value as Buffer).buffer).toBe(bytes.buffer);
    });

    it('judges every element of an array and copies it', () => {
      const value = [1, 2];
      const parsed = valueOf(mustCreate([Number]), value);
      expect(parsed).toEqual([1, 2]);
      expect(parsed).not.toBe(value);
      expect(brief(issuesOf(mustCreate([Number]), [1, 'x', null]))).toEqual([
        '[1] isNumber string',
        '[2] isNumber null',
      ]);
      expect(brief(issuesOf(mustCreate([Number]), { 0: 1 }))).toEqual([' isArray object']);
      expect(valueOf(mustCreate([Unvalidated]), [1, 'x', null])).toEqual([1, 'x', null]);
    });

    it('refuses an array of absurd length at once', () => {
      expect(brief(issuesOf(mustCreate([Number]), new Array(MAX_NODES + 1)))).toEqual([' maxNodes array']);
    });

    it('describes them in JSON Schema', () => {
      const $schema = 'https://json-schema.org/draft/2020-12/schema';
      const binary = { type: 'string', contentEncoding: 'base64' };
      expect(mustCreate(Unvalidated).jsonSchema()).toEqual({ $schema });
      expect(mustCreate(Number).jsonSchema()).toEqual({ $schema, type: 'number' });
      expect(mustCreate(Buffer).jsonSchema()).toEqual({ $schema, ...binary });
      expect(mustCreate([Uint8Array]).jsonSchema()).toEqual({ $schema, type: 'array', items: binary });
    });
  });

  describe('faults of a type', () => {
    class Bare {
      x = 1;
    }
    class Declared {
      @Allow() x!: number;
      note = '';
    }
    class NeedsArgument {
      @Allow() x: number;
      constructor(options: { x: number }) {
        this.x = options.x;
      }
    }
    class Untyped {
      @ValidateNested() child!: Point;
    }
    class ToBare {
      @ValidateNested() @Type(() => Bare) child!: Bare;
    }
    class Circular {
      @ValidateNested() @Type(() => undefined as never) child!: Point;
    }
    class Early {
      @ValidateNested()
      @Type(() => {
        throw new ReferenceError('not yet');
      })
      child!: Point;
    }

    it.each([
      ['no decorator', Bare, /Bare has no class-validator decorator/, /Unvalidated/],
      [
        'an undecorated field',
        Declared,
        /Declared\.note exists on every instance/,
        /useDefineForClassFields/,
      ],
      [
        'a constructor with parameters',
        NeedsArgument,
        /new NeedsArgument\(\) threw TypeError/,
        /without arguments/,
      ],
      [
        'a nested class that is not named',
        Untyped,
        /Untyped\.child has @ValidateNested\(\) without @Type/,
        /@Type/,
      ],
      ['a nested class without decorators', ToBare, /Bare has no class-validator decorator/, /@Allow/],
      ['a circular import', Circular, /@Type\(\) of Circular\.child gives undefined/, /import each other/],
      [
        'a type function that throws',
        Early,
        /@Type\(\) of Early\.child threw ReferenceError/,
        /before it is scanned/,
      ],
      ['Date', Date, /Date is not a type/, /@IsDate/],
      ['Map', Map, /Map is not a type/, /Unvalidated/],
      ['Object', Object, /Object is not a type/, /class-validator/],
      ['Function', Function, /Function is not a type/, /class-validator/],
      ['Promise', Promise, /Promise is not a type/, /resolves to/],
      ['Array', Array, /Array is not a type/, /\[Class\]/],
      ['a typed array', Float32Array, /Float32Array has no class-validator decorator/, /Unvalidated/],
      ['two classes', [Point, Point], /holds one class, not 2/, /\[Class\]/],
      ['no class', [], /holds one class, not 0/, /\[Class\]/],
      ['an array of arrays', [[Point]], /holds one class, not object/, /\[Class\]/],
    ])('says so for %s', (_, type, what, hint) => {
      expect(createSchema(type as never)).toMatchObject({
        ok: false,
        what: expect.stringMatching(what) as string,
        hint: expect.stringMatching(hint) as string,
      });
    });
  });

  it('reads everything when it is created', () => {
    class Late {
      @IsNumber() x!: number;
    }
    const before = mustCreate(Late);
    IsNumber()(Late.prototype, 'y');
    expect(valueOf(before, { x: 1 })).toEqual({ x: 1 });
    expect(brief(issuesOf(before, { x: 1, y: 2 }))).toEqual(['y whitelistValidation number']);
    expect(brief(issuesOf(mustCreate(Late), { x: 1 }))).toEqual(['y isNumber undefined']);
  });
});
