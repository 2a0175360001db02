import { describe, expect, it } from 'vitest';
import { refuseAborted } from '../../../src/errors/refuseAborted';

describe('refuseAborted', () => {
  it('lets work go on until its signal has fired', () => {
    const stop = new AbortController();
    expect(() => refuseAborted(undefined, 'iris:1')).not.toThrow();
    expect(() => refuseAborted(stop.signal, 'iris:1')).not.toThrow();
    stop.abort('enough');
    expect(() => refuseAborted(stop.signal, 'iris:1')).toThrow(
      expect.objectContaining({
        code: 'RW_ABORTED',
        where: 'iris:1',
        hint: expect.any(String),
        cause: 'enough',
      }),
    );
  });
});
