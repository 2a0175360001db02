import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeType } from '../../../src/errors/describeType';
import { ERROR_CODES } from '../../../src/errors/errorCodes';
import { RunnerInvalidError } from '../../../src/errors/RunnerInvalidError';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { ValidationError } from '../../../src/errors/ValidationError';

describe('RunwrightError', () => {
  it('says where, what and how to fix it, and keeps the cause', () => {
    const cause = new Error('inner');
    const error = new RunwrightError('RW_IO', {
      where: 'a.txt',
      what: 'it is gone',
      hint: 'Put it back',
      cause,
    });
    expect(error.message).toBe('a.txt: it is gone. Put it back.');
    expect(error).toMatchObject({ code: 'RW_IO', kind: 'environment', cause, name: 'RunwrightError' });
    const bare = new RunwrightError('RW_IO', { what: 'it is gone', hint: 'Put it back' });
    expect(bare.message).toBe('it is gone. Put it back.');
    expect('cause' in bare).toBe(false);
  });

  it('is recognised across copies of the package, and nothing else is', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('runwright.error')]: true });
    expect(RunwrightError.is(foreign)).toBe(true);
    expect(RunwrightError.is(new ValidationError('input', []))).toBe(true);
    for (const value of [new Error('x'), null, undefined, 'RW_IO', { code: 'RW_IO' }]) {
      expect(RunwrightError.is(value)).toBe(false);
    }
  });

  it('leaves the process in one form, without stack or cause', () => {
    const issue = {
      path: 'rows[3].x',
      constraint: 'isNumber',
      message: 'x must be a number',
      received: 'string',
    };
    const error = new ValidationError('input', [issue], 'Iris');
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      error: error.message,
      code: 'RW_INPUT_INVALID',
      issues: [issue],
    });
    expect(error.message).toContain('rows[3].x: x must be a number (received string)');
    expect(new ValidationError('output', [issue]).kind).toBe('runtime');
  });

  it('lists every fault of a class', () => {
    const fault = { where: 'Iris.predict', what: 'it is odd', hint: 'Make it even' };
    const error = new RunnerInvalidError('Iris', [fault, { ...fault, where: 'Iris.load' }]);
    expect(error.message.split('\n')).toEqual([
      'Iris: the runner class has 2 faults:',
      '  - Iris.predict: it is odd. Make it even.',
      '  - Iris.load: it is odd. Make it even.',
      'Mend the class; each fault says how.',
    ]);
  });
});

describe('the table of codes', () => {
  it('is the same in the docs, kinds included', () => {
    const docs = readFileSync(join(__dirname, '../../../docs/errors.md'), 'utf8');
    const documented = [...docs.matchAll(/^\| `(RW_\w+)`\s+\| (\w+)\s+\|/gm)].map(([, code, kind]) => [
      code,
      kind,
    ]);
    expect(Object.fromEntries(documented)).toEqual(ERROR_CODES);
    expect(documented).toHaveLength(Object.keys(ERROR_CODES).length);
  });

  it('is used: every code is thrown somewhere', () => {
    // A code that nothing throws is a promise that nobody keeps.
    const sources = readSources(join(__dirname, '../../../src'));
    expect(Object.keys(ERROR_CODES).filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  });
});

describe('describeType', () => {
  it('names types and never values', () => {
    class Iris {}
    expect(
      [
        null,
        undefined,
        [],
        {},
        Object.create(null),
        'secret',
        NaN,
        -Infinity,
        1n,
        new Iris(),
        new Date(),
      ].map(describeType),
    ).toEqual([
      'null',
      'undefined',
      'array',
      'object',
      'object',
      'string',
      'NaN',
      '-Infinity',
      'bigint',
      'Iris',
      'Date',
    ]);
  });
});

function readSources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return readSources(path);
      return entry.name === 'errorCodes.ts' ? '' : readFileSync(path, 'utf8');
    })
    .join('\n');
}
