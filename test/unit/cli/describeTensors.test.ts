import { describe, expect, it } from 'vitest';
import { describeTensors } from '../../../src/cli/describeTensors';

describe('describeTensors', () => {
  it('shows names, types and every kind of shape', () => {
    expect(
      describeTensors([
        { name: 'features', dtype: 'float32', shape: ['rows', 4] },
        { name: 'input.1', dtype: 'int64', shape: ['', 2] },
        { name: 'rate', dtype: 'int64', shape: [] },
        { name: 'state', dtype: 'float16', shape: [], anyShape: true },
      ]),
    ).toBe('features float32 [rows, 4], input.1 int64 [?, 2], rate int64 [], state float16 of any shape');
    expect(describeTensors([])).toBe('');
  });
});
