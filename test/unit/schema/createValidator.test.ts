import 'reflect-metadata';
import { plainToInstance, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
  validateSync,
  type ValidationError,
} from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Constructor } from '../../../src/metadata/Constructor';
import { createValidator } from '../../../src/schema/createValidator';
import { RuleStorage } from '../../../src/schema/RuleStorage';
import { mustCreate } from './mustCreate';

const OPTIONS = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
};

const RULES: Record<string, () => PropertyDecorator> = {
  allow: () => Allow(),
  array: () => IsArray(),
  boolean: () => IsBoolean(),
  defined: () => IsDefined(),
  email: () => IsEmail(),
  in: () => IsIn([1, 'a', true]),
  int: () => IsInt(),
  intEach: () => IsInt({ each: true }),
  max: () => Max(3),
  maxLength: () => MaxLength(2, { message: '$property of $target must be below $constraint1' }),
  maxSize: () => ArrayMaxSize(2),
  min: () => Min(-1, { each: true }),
  notEmpty: () => IsNotEmpty({ message: ({ property }) => `give ${property}` }),
  number: () => IsNumber(),
  object: () => IsObject(),
  optional: () => IsOptional(),
  string: () => IsString({ groups: ['a'] }),
  stringEach: () => IsString({ each: true }),
  unique: () => ArrayUnique(),
  validateIf: () => ValidateIf((object: { a?: unknown }) => object.a !== null),
};
const NAMES = ['a', 'b', 'c'];

interface Shape {
  readonly parent: Record<string, string[]>;
  readonly own: Record<string, string[]>;
  readonly child: Record<string, string[]>;
}
const rules = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.subarray(Object.keys(RULES), { minLength: 1, maxLength: 4 }),
  {
    minKeys: 1,
  },
);
const shape: fc.Arbitrary<Shape> = fc.record({ parent: rules, own: rules, child: rules });

function build({ parent, own, child }: Shape): Constructor<object> {
  const decorate = (type: Constructor, properties: Record<string, string[]>): void => {
    for (const [name, keys] of Object.entries(properties)) {
      for (const key of keys) RULES[key]?.()((type as { prototype: object }).prototype, name);
    }
  };
  class Child {}
  class Parent {}
  class Derived extends Parent {}
  decorate(Child, child);
  decorate(Parent, parent);
  decorate(Derived, own);
  ValidateNested()(Derived.prototype, 'nested');
  Type(() => Child)(Derived.prototype, 'nested');
  // The parent itself too: what is remembered of a class must not reach the classes around it.
  ValidateNested()(Derived.prototype, 'base');
  Type(() => Parent)(Derived.prototype, 'base');
  return Derived;
}

const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 'a', 'a@b.co', 1, 2.5, -7, true, Number.NaN),
  fc.array(fc.constantFrom<unknown>(1, 2, 'x', null), { maxLength: 4 }),
);
const record = fc.dictionary(fc.constantFrom(...NAMES, 'unknown'), leaf);
const input = fc
  .record({ own: record, nested: fc.oneof(record, fc.array(record, { maxLength: 3 }), leaf), base: record })
  .map(({ own, nested, base }) => ({ ...own, nested, base }));

function flat(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => [
    ...Object.entries(constraints).map(([rule, message]) => `${path}/${property} ${rule}: ${message}`),
    ...flat(children, `${path}/${property}`),
  ]);
}

describe('createValidator', () => {
  it('judges as class-validator does, whatever the class and the value', () => {
    fc.assert(
      fc.property(shape, fc.array(input, { minLength: 1, maxLength: 4 }), (description, values) => {
        const type = build(description);
        const validate = createValidator(new RuleStorage());
        for (const value of values) {
          const instance = plainToInstance(type, value);
          const errors = validate([instance]) as ValidationError[][];
          expect(flat(errors[0] ?? [])).toEqual(flat(validateSync(instance, OPTIONS)));
        }
      }),
      { numRuns: 80 },
    );
  });

  it('through a schema refuses and accepts as transforming and validating by hand do', () => {
    fc.assert(
      fc.property(shape, input, (description, value) => {
        const type = build(description);
        const byHand = validateSync(plainToInstance(type, value, { exposeUnsetFields: false }), OPTIONS);
        expect(mustCreate(type).parse(value)).toMatchObject({ ok: byHand.length === 0 });
      }),
      { numRuns: 80 },
    );
  });

  it('falls back on the public function, without the library’s messages', async () => {
    class Child {
      @IsNumber({}, { message: '$value' }) x!: number;
    }
    class Parent {
      @ValidateNested() @Type(() => Child) child!: Child;
    }
    const validate = createValidator(new RuleStorage(), null);
    const instance = plainToInstance(Parent, { child: { x: 'secret' }, y: 1 });
    const [errors = []] = await validate([instance]);
    expect(flat(errors)).toEqual(['/y whitelistValidation: ', '/child/x isNumber: ']);
    expect(await validate([plainToInstance(Parent, { child: { x: 1 } })])).toEqual([[]]);
  });

  it('leaves the storage of the process as it is', () => {
    class Own {
      @IsNumber({}, { message: '$value' }) x!: number;
    }
    const validate = createValidator(new RuleStorage());
    expect(validate([plainToInstance(Own, { x: 'shown' })])).toHaveLength(1);
    expect(flat(validateSync(plainToInstance(Own, { x: 'shown' }), OPTIONS))).toEqual(['/x isNumber: shown']);
  });
});
