import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodeOf } from '../../../src/errors/errorCodeOf';
import { ioError } from '../../../src/errors/ioError';
import { RunwrightError } from '../../../src/errors/RunwrightError';

describe('ioError', () => {
  it('says what was tried, where, and what to do', () => {
    const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const error = ioError(cause, '/srv/models', 'write the file');
    expect(error).toMatchObject({
      code: 'RW_IO',
      where: '/srv/models',
      what: 'could not write the file (ENOSPC)',
      cause,
    });
    expect(error.hint).toContain('Free some space');
  });

  it('gives an error of our own back as it is', () => {
    const own = new RunwrightError('RW_ABORTED', { what: 'stopped', hint: 'Run it again' });
    expect(ioError(own, '/x', 'write')).toBe(own);
  });

  it('knows the code of a real error only', () => {
    try {
      statSync('/no/such/path');
    } catch (error) {
      expect(errorCodeOf(error)).toBe('ENOENT');
    }
    expect(errorCodeOf({ code: 'ENOENT' })).toBeUndefined();
    expect(errorCodeOf(new Error('x'))).toBeUndefined();
    expect(ioError('odd', '/x', 'write').what).toBe('could not write');
  });
});
