import 'reflect-metadata';
import { Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsIn,
  IsInstance,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  registerDecorator,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { describe, expect, it } from 'vitest';
import { MAX_ISSUES } from '../../../src/schema/IssueList';
import { brief, issuesOf, mustCreate, parseNow, valueOf } from './mustCreate';

class Row {
  @IsNumber() sepalLength!: number;
  @IsOptional() @IsString() @MaxLength(5) note?: string | null;
}
class Table {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Row) rows!: Row[];
}

describe('a class schema', () => {
  const table = mustCreate(Table);

  it('makes instances, nested ones too, and leaves the input alone', () => {
    const input = { rows: [{ sepalLength: 5.1, note: null }, { sepalLength: 4 }] };
    const before = structuredClone(input);
    const value = valueOf(table, input) as Table;
    expect(value).toBeInstanceOf(Table);
    expect(value.rows[1]).toBeInstanceOf(Row);
    expect(value).toEqual(input);
    expect(value.rows).not.toBe(input.rows);
    expect(input).toEqual(before);
  });

  it('takes instances as it takes plain objects, of the class or of another', () => {
    const row = Object.assign(new Row(), { sepalLength: 1 });
    const value = valueOf(table, Object.assign(new Table(), { rows: [row] })) as Table;
    expect(value.rows[0]).toBeInstanceOf(Row);
    expect(value.rows[0]).not.toBe(row);
    class Lookalike {
      sepalLength = 2;
    }
    expect(valueOf(mustCreate(Row), new Lookalike())).toEqual(Object.assign(new Row(), { sepalLength: 2 }));
    expect(valueOf(mustCreate(Row), Object.assign(Object.create(null), { sepalLength: 3 }))).toBeInstanceOf(
      Row,
    );
  });

  it('gives every issue a path, a rule, a message and a type', () => {
    const value = {
      rows: [{ sepalLength: 1 }, { sepalLength: 'x', note: 'too long', 'odd key': 1 }, 7, null],
    };
    expect(issuesOf(table, value)).toEqual([
      {
        path: 'rows[1]["odd key"]',
        constraint: 'whitelistValidation',
        message: 'property "odd key" should not exist',
        received: 'number',
      },
      {
        path: 'rows[1].sepalLength',
        constraint: 'isNumber',
        message: 'sepalLength must be a number conforming to the specified constraints',
        received: 'string',
      },
      {
        path: 'rows[1].note',
        constraint: 'maxLength',
        message: 'note must be shorter than or equal to 5 characters',
        received: 'string',
      },
      {
        path: 'rows[2]',
        constraint: 'nestedValidation',
        message: 'each value in nested property rows must be either object or array',
        received: 'number',
      },
      {
        path: 'rows[3]',
        constraint: 'nestedValidation',
        message: 'each value in nested property rows must be either object or array',
        received: 'null',
      },
    ]);
  });

  it.each([
    ['null', null, ' isObject null'],
    ['undefined', undefined, ' isObject undefined'],
    ['a string', '{}', ' isObject string'],
    ['an array', [{ rows: [] }], ' isObject array'],
    ['a map', new Map(), ' isObject Map'],
    ['a date', new Date(), ' isObject Date'],
    ['bytes', new Uint8Array(8), ' isObject Uint8Array'],
    ['a function', () => 1, ' isObject function'],
    ['a promise', Promise.resolve({ rows: [] }), ' awaited Promise'],
  ])('refuses %s in the place of the object', (_, value, issue) => {
    expect(brief(issuesOf(table, value))).toEqual([issue]);
  });

  it('judges an array of a class under indexed paths', () => {
    const rows = mustCreate([Row]);
    expect(valueOf(rows, [{ sepalLength: 1 }])).toEqual([Object.assign(new Row(), { sepalLength: 1 })]);
    expect(valueOf(rows, [])).toEqual([]);
    expect(brief(issuesOf(rows, [{ sepalLength: 1 }, { note: 'a' }]))).toEqual([
      '[1].sepalLength isNumber undefined',
    ]);
    expect(brief(issuesOf(rows, [{ sepalLength: 1 }, 'x', [{}]]))).toEqual([
      '[1] isObject string',
      '[2] isObject array',
    ]);
    expect(brief(issuesOf(rows, { sepalLength: 1 }))).toEqual([' isArray object']);
  });

  it('sorts by rule within a property, and bounds the number of issues', () => {
    class Strict {
      @Min(1) @Max(0) @IsInt() x!: unknown;
    }
    expect(brief(issuesOf(mustCreate(Strict), { x: '' }))).toEqual([
      'x isInt string',
      'x max string',
      'x min string',
    ]);
    const issues = issuesOf(
      mustCreate([Row]),
      Array.from({ length: 250 }, () => ({ note: 1 })),
    );
    expect(issues).toHaveLength(MAX_ISSUES + 1);
    expect(issues.at(-1)).toMatchObject({
      constraint: 'maxIssues',
      message: 'there are more issues than these 100',
    });
  });

  it('follows inheritance: rules of the parent hold, and a redeclared rule replaces the parent’s', () => {
    class Base {
      @IsNumber() @Max(10) x!: number;
      @IsString() name!: string;
    }
    class Derived extends Base {
      @Max(5) declare x: number;
      @IsInt() y!: number;
    }
    const schema = mustCreate(Derived);
    expect(valueOf(schema, { x: 5, name: 'a', y: 1 })).toBeInstanceOf(Derived);
    expect(brief(issuesOf(schema, { x: 7, name: 1 }))).toEqual([
      'x max number',
      'y isInt undefined',
      'name isString number',
    ]);
    expect(valueOf(mustCreate(Base), { x: 7, name: 'a' })).toEqual({ x: 7, name: 'a' });
  });

  describe('transformation', () => {
    class Typed {
      @Allow() pixels?: Float32Array;
      @IsInstance(Uint8Array) @IsOptional() bytes?: Uint8Array;
      @IsOptional() @Allow() opaque?: unknown;
      @IsOptional() @IsDate() @Type(() => Date) when?: Date;
      @IsOptional() @ValidateNested({ each: true }) @Type(() => Row) rows?: unknown;
    }
    const typed = mustCreate(Typed);

    it('keeps typed arrays, buffers, maps, sets and instances of unknown classes', () => {
      class Tensor {
        readonly #secret = 1;
        data = new Float32Array(2);
        sum(): number {
          return this.#secret;
        }
      }
      const tensor = new Tensor();
      const input = {
        pixels: new Float32Array([1, 2]),
        bytes: Buffer.from('ab'),
        opaque: { deep: [tensor, new Map([['k', tensor]]), new Set([1])] },
      };
      const value = valueOf(typed, input) as Typed & { opaque: typeof input.opaque };
      expect(value.pixels).toBe(input.pixels);
      expect(Buffer.isBuffer(value.bytes)).toBe(true);
      expect(value.opaque.deep[0]).toBe(tensor);
      expect(value.opaque).toEqual(input.opaque);
      expect(value.opaque).not.toBe(input.opaque);
      expect((value.opaque.deep[1] as Map<string, Tensor>).get('k')).toBe(tensor);
    });

    it('makes dates out of strings where that is declared, and says what came in where it cannot', () => {
      expect(valueOf(typed, { when: '2026-01-02T03:04:05Z' })).toMatchObject({
        when: new Date('2026-01-02T03:04:05Z'),
      });
      expect(brief(issuesOf(typed, { when: 'soon' }))).toEqual(['when isDate string']);
    });

    it('judges nested values inside maps and sets', () => {
      const value = valueOf(typed, { rows: new Map([['a', { sepalLength: 1 }]]) }) as Typed;
      expect((value.rows as Map<string, Row>).get('a')).toBeInstanceOf(Row);
      expect(brief(issuesOf(typed, { rows: new Map([['a', { sepalLength: 'x' }]]) }))).toEqual([
        'rows.a.sepalLength isNumber string',
      ]);
      expect(brief(issuesOf(typed, { rows: new Set([{ sepalLength: 1 }, {}]) }))).toEqual([
        'rows[1].sepalLength isNumber undefined',
      ]);
    });

    it('never converts what nobody asked to convert', () => {
      class Flag {
        @IsIn([true, false]) on!: boolean;
      }
      expect(brief(issuesOf(mustCreate(Flag), { on: 'false' }))).toEqual(['on isIn string']);
    });

    it('keeps defaults, for absent and for undefined properties', () => {
      class Options {
        @IsInt() limit = 10;
        @Expose() @Transform(({ value }) => (value as unknown) ?? 'none') @IsString() label!: string;
      }
      const schema = mustCreate(Options);
      expect(valueOf(schema, {})).toEqual({ limit: 10, label: 'none' });
      expect(valueOf(schema, { limit: undefined })).toEqual({ limit: 10, label: 'none' });
      expect(brief(issuesOf(schema, { limit: null }))).toEqual(['limit isInt null']);
    });

    it('takes renamed properties', () => {
      class Renamed {
        @Expose({ name: 'sepal_length' }) @IsNumber() sepalLength!: number;
      }
      expect(valueOf(mustCreate(Renamed), { sepal_length: 1 })).toEqual({ sepalLength: 1 });
      expect(brief(issuesOf(mustCreate(Renamed), { sepal_length: 'x' }))).toEqual([
        'sepalLength isNumber string',
      ]);
    });

    it('chooses among classes by a discriminator without touching the input', () => {
      abstract class Shape {
        @IsString() kind!: string;
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
          keepDiscriminatorProperty: true,
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
      class Anonymous {
        @ValidateNested()
        @Type(() => Row, { discriminator: { property: 'kind', subTypes: [{ name: 'row', value: Row }] } })
        shape!: unknown;
      }
      const drawing = mustCreate(Drawing);
      const input = {
        shapes: [
          { kind: 'circle', radius: 1 },
          { kind: 'square', side: 2 },
        ],
      };
      expect((valueOf(drawing, input) as Drawing).shapes.map((shape) => shape.constructor)).toEqual([
        Circle,
        Square,
      ]);
      expect(brief(issuesOf(drawing, { shapes: [{ kind: 'square', radius: 1 }] }))).toEqual([
        'shapes[0].radius whitelistValidation number',
        'shapes[0].side isNumber undefined',
      ]);
      const other = { shape: { kind: 'row', sepalLength: 1 } };
      expect(valueOf(mustCreate(Anonymous), other)).toEqual({ shape: { sepalLength: 1 } });
      expect(other).toEqual({ shape: { kind: 'row', sepalLength: 1 } });
      const instance = { shape: Object.assign(new Row(), { kind: 'row', sepalLength: 1 }) };
      valueOf(mustCreate(Anonymous), instance);
      expect(instance.shape).toMatchObject({ kind: 'row' });
    });

    it('turns what a transformation throws into an issue that does not repeat it', () => {
      class Fragile {
        @Transform(({ value }) => {
          throw new TypeError(`cannot take ${String(value)}`);
        })
        @IsString()
        x!: string;
      }
      expect(issuesOf(mustCreate(Fragile), { x: 'secret' })).toEqual([
        {
          path: '',
          constraint: 'judged',
          message: 'making an instance of Fragile threw TypeError',
          received: 'object',
        },
      ]);
    });

    it('refuses an object with more keys than class-transformer bears', () => {
      const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index]));
      expect(brief(issuesOf(table, { rows: [{ sepalLength: 1 }, wide] }))).toEqual([
        'rows[1] maxKeys object',
      ]);
      expect(valueOf(typed, { opaque: wide })).toEqual({ opaque: wide });
    });
  });

  describe('messages', () => {
    const SECRET = 'hunter2';
    const parseWith = (...decorators: PropertyDecorator[]) => {
      class Secretive {
        x!: unknown;
      }
      decorators.forEach((decorate) => decorate(Secretive.prototype, 'x'));
      return (value: unknown) => issuesOf(mustCreate(Secretive), { x: value }).map(({ message }) => message);
    };
    const custom = (defaultMessage: (args: ValidationArguments) => string): PropertyDecorator => {
      return (target, propertyName) =>
        registerDecorator({
          name: 'custom',
          target: target.constructor,
          propertyName: propertyName as string,
          constraints: ['$value', 7],
          validator: {
            validate: () => false,
            defaultMessage: (args) => defaultMessage(args as ValidationArguments),
          },
        });
    };

    it.each([
      [
        'text with $value',
        IsNumber({}, { message: '$property: $value is no number' }),
        'x: the value is no number',
      ],
      [
        'a function of the value',
        IsNumber({}, { message: ({ value }) => `${String(value)} is no number` }),
        'the value is no number',
      ],
      [
        'a function of the object',
        IsNumber({}, { message: ({ object }) => `${JSON.stringify(object)} is wrong` }),
        '"the value" is wrong',
      ],
      [
        'a function that takes the value apart',
        IsNumber({}, { message: ({ value }) => (value as string).slice(1) }),
        'x does not satisfy isNumber',
      ],
      ['a default message', custom(({ value, property }) => `${property} ${String(value)}`), 'x the value'],
      [
        'a constraint that holds $value',
        custom(() => '$target.$property: $constraint1, $constraint2'),
        'Secretive.x: the value, 7',
      ],
      ['no message', custom(() => ''), 'x does not satisfy custom'],
    ])('never echo the value: %s', (_, decorator, message) => {
      expect(parseWith(decorator)(SECRET)).toEqual([message]);
    });

    it('cut long names of unknown properties', () => {
      const [issue] = issuesOf(table, { rows: [], ['k'.repeat(200)]: 1 });
      expect(issue?.message).toBe(`property "${'k'.repeat(64)}…" should not exist`);
      expect(issue?.path).toBe('k'.repeat(200));
    });
  });

  describe('asynchronous rules', () => {
    @ValidatorConstraint({ name: 'isKnown', async: true })
    class IsKnown implements ValidatorConstraintInterface {
      async validate(value: unknown): Promise<boolean> {
        await Promise.resolve();
        if (value === 'boom') throw new RangeError(`no ${value}`);
        return value === 'known';
      }
    }
    class Leaf {
      @Validate(IsKnown) name!: string;
    }
    class Tree {
      @ValidateNested({ each: true }) @Type(() => Leaf) leaves!: Leaf[];
      @IsOptional() @IsNumber() size?: number;
    }
    const tree = mustCreate(Tree);

    it('give a promise, and only where one was asked', async () => {
      const good = tree.parse({ leaves: [{ name: 'known' }] });
      expect(good).toBeInstanceOf(Promise);
      expect(await good).toMatchObject({ ok: true, value: { leaves: [{ name: 'known' }] } });
      expect(parseNow(tree, { leaves: [] })).toEqual({ ok: true, value: { leaves: [] } });
    });

    it('refuse in the order of the value', async () => {
      const result = await tree.parse({ leaves: [{ name: 'known' }, { name: 'other' }], size: 'x' });
      expect(result.ok ? [] : brief(result.issues)).toEqual([
        'leaves[1].name isKnown string',
        'size isNumber string',
      ]);
    });

    it('that fail are an issue and not a rejection', async () => {
      const result = await tree.parse({ leaves: [{ name: 'boom' }, { name: 'boom' }] });
      expect(result).toEqual({
        ok: false,
        issues: [
          {
            path: '',
            constraint: 'judged',
            message: 'the rule isKnown of Leaf.name threw RangeError',
            received: 'object',
          },
        ],
      });
    });

    it('that fail after another rule threw do not end the process', async () => {
      class Both {
        @Validate(IsKnown) a!: string;
        @ValidateIf(() => {
          throw new Error('secret');
        })
        @IsString()
        b!: string;
      }
      const unhandled: unknown[] = [];
      const note = (reason: unknown): void => void unhandled.push(reason);
      process.on('unhandledRejection', note);
      try {
        expect(brief(issuesOf(mustCreate(Both), { a: 'boom', b: 'x' }))).toEqual([' judged object']);
        await new Promise((resolve) => setTimeout(resolve, 10));
        expect(unhandled).toEqual([]);
      } finally {
        process.off('unhandledRejection', note);
      }
    });

    it('are heard although they were not declared asynchronous', async () => {
      class Undeclared {
        @Validate(
          (() => {
            @ValidatorConstraint({ name: 'never' })
            class Never {
              validate(): Promise<boolean> {
                return Promise.resolve(false);
              }
            }
            return Never;
          })(),
        )
        x!: string;
      }
      expect(await mustCreate(Undeclared).parse({ x: 'a' })).toMatchObject({ ok: false });
    });
  });

  it('turns what a rule or a condition throws into an issue', () => {
    class Broken {
      @Validate(
        (() => {
          @ValidatorConstraint({ name: 'broken' })
          class Fails {
            validate(): boolean {
              throw new Error('secret');
            }
          }
          return Fails;
        })(),
      )
      x!: string;
    }
    class Conditional {
      @ValidateIf(({ other }: { other: { deep: boolean } }) => other.deep) @IsString() x!: string;
    }
    expect(issuesOf(mustCreate(Broken), { x: 1 })[0]?.message).toBe(
      'the rule broken of Broken.x threw Error',
    );
    expect(issuesOf(mustCreate(Conditional), { x: 1 })[0]?.message).toBe(
      'a rule of Conditional threw TypeError',
    );
  });

  it('leaves the library’s reading of `each` alone', () => {
    class Numbers {
      @IsNumber({}, { each: true }) @ArrayMaxSize(2) values!: unknown;
      @IsInt({ each: true }) any!: unknown;
    }
    const schema = mustCreate(Numbers);
    expect(valueOf(schema, { values: [1, 2], any: 3 })).toMatchObject({ any: 3 });
    expect(valueOf(schema, { values: [1], any: new Set([1, 2]) })).toMatchObject({ any: new Set([1, 2]) });
    expect(brief(issuesOf(schema, { values: [1, 2, 3], any: new Map([['a', 'x']]) }))).toEqual([
      'values arrayMaxSize array',
      'any isInt Map',
    ]);
  });
});
