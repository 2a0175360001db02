import { describe, expect, it } from 'vitest';
import { resolveTypeRef } from '../../../src/schema/resolveTypeRef';

class Foo {}

describe('resolveTypeRef', () => {
  it.each([
    ['a class', Foo, Foo],
    ['a built-in class', String, String],
    ['Buffer, which is a function', Buffer, Buffer],
    ['a function that returns Buffer', () => Buffer, Buffer],
    ['an array of a class', [Foo], [Foo]],
    ['a function that returns a class', () => Foo, Foo],
    ['a function that returns an array', () => [Foo], [Foo]],
    [
      'a function with the function keyword',
      function () {
        return Foo;
      },
      Foo,
    ],
  ])('takes %s', (_, ref, type) => {
    expect(resolveTypeRef(ref)).toEqual({ ok: true, type });
  });

  it.each([
    ['undefined', undefined, /the type is undefined/],
    ['a string', 'Foo', /the type is string/],
    ['an empty array', [], /an array of 0/],
    ['two classes', [Foo, Foo], /an array of 2/],
    ['an array of a function', [() => Foo], /an array of a function that is not a class/],
    ['an array of undefined', [undefined], /an array of undefined/],
    ['a function that returns undefined', () => undefined, /returned undefined/],
    ['a function that returns a function', () => () => Foo, /returned a function that is not a class/],
    ['an async function', async () => Promise.resolve(Foo), /returned Promise/],
    [
      'a function that throws',
      () => {
        throw new ReferenceError("Cannot access 'Foo' before initialization");
      },
      /threw ReferenceError: Cannot access 'Foo'/,
    ],
  ])('refuses %s', (_, ref, what) => {
    expect(resolveTypeRef(ref)).toMatchObject({ ok: false, what: expect.stringMatching(what) as string });
  });

  it('says what to do about a circular import', () => {
    expect(resolveTypeRef(() => undefined)).toMatchObject({
      hint: expect.stringMatching(/import each other/) as string,
    });
  });
});
