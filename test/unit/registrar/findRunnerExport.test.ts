import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { Predict } from '../../../src/decorators/Predict';
import { Runner } from '../../../src/decorators/Runner';
import { findRunnerExport } from '../../../src/registrar/findRunnerExport';

class Unmarked {
  @Predict() predict() {}
}

@Runner()
class Marked extends Unmarked {}

const find = (namespace: Record<string, unknown>, exportName?: string) =>
  findRunnerExport(namespace, { exportName }, 'a.ts');

describe('findRunnerExport', () => {
  it('takes the class with @Runner(), under two names too, and no parent', () => {
    expect(find({ Marked, Unmarked, default: Marked })).toEqual({
      exportName: 'Marked',
      runnerClass: Marked,
    });
  });

  it('names a class with stages that lacks @Runner()', () => {
    const refused = {
      code: 'RW_ENTRY_INVALID',
      hint: expect.stringMatching(/^Put @Runner\(\) on the class/) as string,
    };
    expect(() => find({ other: 1, Unmarked })).toThrow(
      expect.objectContaining({
        ...refused,
        what: expect.stringContaining('its export "Unmarked" has stages and no @Runner()') as string,
      }),
    );
    expect(() => find({ Unmarked, Marked }, 'Unmarked')).toThrow(expect.objectContaining(refused));
  });

  it('asks for an export where there is none', () => {
    for (const namespace of [{}, { plain: class {} }]) {
      expect(() => find(namespace)).toThrow(
        expect.objectContaining({ hint: 'Write `export` before the class that has @Runner()' }),
      );
    }
  });
});
