import { describe, expect, it } from 'vitest';
import { nearestNames } from '../../../src/registry/nearestNames';

describe('nearestNames', () => {
  it('orders by how much must be typed anew, then by name', () => {
    expect(nearestNames('irsi', ['digits', 'isis', 'iris', 'isis'])).toEqual(['iris', 'isis', 'digits']);
    expect(nearestNames('ab', ['ad', 'ac', 'a', 'b'], 2)).toEqual(['a', 'ac']);
    expect(nearestNames('', ['abc', 'x'])).toEqual(['x', 'abc']);
    expect(nearestNames('x', [])).toEqual([]);
  });
});
