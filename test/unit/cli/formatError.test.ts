import { describe, expect, it } from 'vitest';
import { errorDocument } from '../../../src/cli/errorDocument';
import { exitCodeOf } from '../../../src/cli/exitCodeOf';
import { formatError } from '../../../src/cli/formatError';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { ValidationError } from '../../../src/errors/ValidationError';

const issue = {
  path: 'rows[3].a',
  constraint: 'isNumber',
  message: 'a must be a number',
  received: 'string',
};

describe('formatError', () => {
  it('says what, where and what to do', () => {
    const error = new RunwrightError('RW_IO', {
      what: 'could not write (ENOSPC)',
      where: '/a',
      hint: 'Free some',
    });
    expect(formatError(error)).toBe('error: could not write (ENOSPC) [RW_IO]\n  where: /a\n  fix: Free some');
    expect(formatError(error, true)).toMatch(/\n +at /);
  });

  it('lets nothing steer the terminal', () => {
    const text = 'a\u001b[2Jb\u009b2Jc\r\nd\te';
    const error = new RunwrightError('RW_IO', {
      what: text,
      where: text,
      hint: text,
      cause: new Error('x\u001b'),
    });
    for (const shown of [formatError(error), formatError(error, true), formatError(new Error(text))]) {
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      expect(shown).toContain('a\\u001b[2Jb\\u009b2Jc\\r\nd\te');
    }
  });

  it('speaks of flags where a program has options', () => {
    const error = new RunwrightError('RW_OPTION_INVALID', {
      where: 'repositoryName',
      what: '`modelInstance` is missing',
      hint: 'Pass `modelInstance`; `other` stays',
    });
    expect(formatError(error)).toBe(
      'error: --model is missing [RW_OPTION_INVALID]\n  where: --repository\n  fix: Pass --model; `other` stays',
    );
  });

  it('lists every issue once', () => {
    const issues = Array.from({ length: 7 }, (_, row) => ({ ...issue, path: `rows[${row}]` }));
    const lines = formatError(new ValidationError('input', issues)).split('\n');
    expect(lines[0]).toBe('error: the input is not valid [RW_INPUT_INVALID]');
    expect(lines.filter((line) => line.startsWith('  - '))).toHaveLength(7);
    expect(lines).toContain('  - rows[6]: a must be a number (received string)');
  });

  it('adds a cause that says more', () => {
    const what = 'its export threw';
    const hint = 'Mend it';
    const thrown = new RunwrightError('RW_ENTRY_INVALID', {
      what,
      hint,
      cause: new Error('no such weights'),
    });
    expect(formatError(thrown)).toContain('  cause: no such weights');
    const told = new RunwrightError('RW_STAGE_FAILED', {
      what: 'it failed: boom',
      hint,
      cause: new Error('boom'),
    });
    expect(formatError(told)).not.toContain('cause');
  });

  it('has a way out for what is not ours', () => {
    expect(formatError(new Error('boom'))).toMatch(/^error: Error: boom\n {2}fix: .*--verbose/);
    const tc39 = new TypeError("Cannot read properties of undefined (reading 'constructor')");
    expect(formatError(tc39)).toContain('experimentalDecorators');
    expect(formatError('text')).toMatch(/^error: text\n/);
  });
});

it('an error document has the one form', () => {
  expect(errorDocument(new ValidationError('input', [issue]))).toEqual({
    error: expect.stringContaining('rows[3].a') as string,
    code: 'RW_INPUT_INVALID',
    issues: [issue],
  });
  expect(errorDocument(new Error('boom'))).toEqual({ error: 'boom', code: null, issues: [] });
});

it.each([
  ['RW_USAGE', undefined, 2],
  ['RW_OPTION_INVALID', 'repositoryName', 2],
  ['RW_REFERENCE_INVALID', 'a:b:c', 2],
  ['RW_REGISTRY_INVALID', 'registry', 2],
  ['RW_REGISTRY_INVALID', '<registry>', 2],
  ['RW_REGISTRY_INVALID', '/srv/models', 1],
  ['RW_MODEL_NOT_FOUND', 'default/iris', 1],
  ['RW_INPUT_INVALID', undefined, 1],
] as const)('%s at %s is exit code %i', (code, where, exit) => {
  expect(exitCodeOf(new RunwrightError(code, { what: 'x', where, hint: 'Mend it' }))).toBe(exit);
});

it('an unknown error is exit code 1', () => {
  expect(exitCodeOf(new Error('boom'))).toBe(1);
});
