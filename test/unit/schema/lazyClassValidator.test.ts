import * as classValidator from 'class-validator';
import { expect, it } from 'vitest';
import { lazyClassValidator } from '../../../src/schema/lazyClassValidator';

it('has the names and the values of class-validator, which it does not load by itself', () => {
  const whole = Object.fromEntries(Object.entries(classValidator).filter(([name]) => name !== 'default'));
  const lazy = lazyClassValidator();
  expect(Object.keys(lazy).sort()).toEqual(Object.keys(whole).sort());
  const described = Object.getOwnPropertyDescriptors(lazy);
  expect(Object.values(described).filter(({ get }) => get !== undefined)).toHaveLength(
    Object.keys(whole).length,
  );
  for (const [name, value] of Object.entries(whole))
    expect((lazy as Record<string, unknown>)[name], name).toBe(value);
});
