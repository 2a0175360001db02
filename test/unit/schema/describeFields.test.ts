import 'reflect-metadata';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsBoolean,
  IsDate,
  IsDefined,
  IsEmail,
  IsEnum,
  IsIn,
  IsInstance,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { describe, expect, it } from 'vitest';
import { IsFile } from '../../../src/schema/IsFile';
import { IsTensor } from '../../../src/schema/IsTensor';
import type { FieldValue } from '../../../src/schema/FieldDescription';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import { mustCreate } from './mustCreate';

enum Colour {
  red = 'red',
  blue = 'blue',
}
enum Level {
  low,
  high,
}
class Inner {
  @IsString() name!: string;
}

class Everything {
  @IsTensor({ dtype: 'float32', shape: [-1, 4] }) tensor!: unknown;
  @IsFile({ mime: 'image/*', maxBytes: 10 }) file!: unknown;
  @IsNumber() number!: number;
  @Min(0) @Max(1) bounded!: number;
  @IsNumber() @IsPositive() positive!: number;
  @IsInt() integer!: number;
  @Min(0) @IsInt() count!: number;
  @IsString() text!: string;
  @IsEmail() email!: string;
  @Length(1, 3) short!: string;
  @IsNotEmpty() @IsString() filled!: string;
  @IsBoolean() flag!: boolean;
  @IsEnum(Colour) colour!: Colour;
  @IsEnum(Level) level!: Level;
  @IsIn(['a', 'b']) letter!: string;
  @IsIn([0.5, 1]) step!: number;
  @IsIn([1, 2]) @IsInt() dice!: number;
  @IsNumber({}, { each: true }) numbers!: number[];
  @IsArray() @IsInt({ each: true }) integers!: number[];
  @IsArray() @IsString({ each: true }) @MaxLength(3, { each: true }) texts!: string[];
  @IsBoolean({ each: true }) flags!: boolean[];
  @IsIn(['a', 'b'], { each: true }) letters!: string[];
}

const of = (type: unknown): Record<string, FieldValue> =>
  Object.fromEntries((mustCreate(type).fields ?? []).map(({ name, value }) => [name, value]));
const one = (kind: 'number' | 'integer' | 'string' | 'boolean', array = false): FieldValue => ({
  kind,
  array,
});

describe('the fields of a class', () => {
  it('are what its rules say, in the order of the class', () => {
    expect(Object.entries(of(Everything))).toEqual([
      ['tensor', { kind: 'tensor', dtype: 'float32', shape: [-1, 4] }],
      ['file', { kind: 'file', mime: ['image/*'], maxBytes: 10 }],
      ['number', one('number')],
      ['bounded', one('number')],
      ['positive', one('number')],
      ['integer', one('integer')],
      ['count', one('integer')],
      ['text', one('string')],
      ['email', one('string')],
      ['short', one('string')],
      ['filled', one('string')],
      ['flag', one('boolean')],
      ['colour', one('string')],
      ['level', one('number')],
      ['letter', one('string')],
      ['step', one('number')],
      ['dice', one('integer')],
      ['numbers', one('number', true)],
      ['integers', one('integer', true)],
      ['texts', one('string', true)],
      ['flags', one('boolean', true)],
      ['letters', one('string', true)],
    ]);
  });

  it('say for people why nothing but JSON carries them', () => {
    class Others {
      @ValidateNested() @Type(() => Inner) nested!: Inner;
      @ValidateNested({ each: true }) @Type(() => Inner) list!: Inner[];
      @IsObject() record!: object;
      @Allow() anything!: unknown;
      @IsDefined() something!: unknown;
      @IsArray() array!: unknown[];
      @IsDate() @Type(() => Date) date!: Date;
      @IsInstance(Uint8Array) bytes!: Uint8Array;
      @Transform(({ value }: { value: unknown }) => value) @IsNumber() made!: number;
      @IsIn([1, 'one', true]) mixed!: unknown;
      @IsIn([null]) none!: null;
      @IsString() @IsNumber() both!: unknown;
    }
    const reasons = Object.entries(of(Others)).map(([name, value]) => [
      name,
      'reason' in value ? value.reason : value,
    ]);
    expect(reasons).toEqual([
      ['nested', 'its values are objects (@ValidateNested)'],
      ['list', 'its values are objects (@ValidateNested)'],
      ['record', 'its values are objects (@IsObject)'],
      ['anything', 'its type is unknown: it has only @Allow()'],
      ['something', 'its type is unknown: none of its rules says it'],
      ['array', 'the type of its elements is unknown: it has no rule with { each: true }'],
      ['date', 'its values are dates'],
      ['bytes', 'its values are instances of a class (@IsInstance)'],
      ['made', 'its value is made by @Transform()'],
      ['mixed', 'its rules ask for several types'],
      ['none', 'its values are of the type null'],
      ['both', 'its rules ask for several types'],
    ]);
  });

  it('are optional where a value may be absent', () => {
    class Optional {
      @IsNumber() needed!: number;
      @IsOptional() @IsNumber() maybe?: number;
      @ValidateIf(() => false) @IsNumber() conditional!: number;
      @IsNumber() preset = 3;
    }
    expect(mustCreate(Optional).fields?.map(({ name, optional }) => [name, optional])).toEqual([
      ['needed', false],
      ['maybe', true],
      ['conditional', true],
      ['preset', true],
    ]);
  });

  it('have the names of the input', () => {
    class Named {
      @Expose({ name: 'input_ids' }) @IsInt({ each: true }) ids!: number[];
      @Exclude() @IsOptional() @IsNumber() hidden?: number;
    }
    expect(of(Named)).toEqual({ input_ids: one('integer', true) });
    // An output is an instance, whose property keeps its name.
    expect(mustCreate(Named).fields?.map(({ property }) => property)).toEqual(['ids']);
  });

  it('are frozen, and there for a class only', () => {
    const { fields } = mustCreate(Everything);
    expect(
      Object.isFrozen(fields) && Object.isFrozen(fields?.[0]) && Object.isFrozen(fields?.[0]?.value),
    ).toBe(true);
    for (const type of [[Everything], Number, Buffer, Unvalidated, [String]]) {
      expect(mustCreate(type)).not.toHaveProperty('fields');
    }
  });
});
