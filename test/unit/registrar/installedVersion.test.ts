import { expect, it } from 'vitest';
import { installedVersion } from '../../../src/registrar/installedVersion';

it('is the version of what is installed, and nothing of what is not', () => {
  expect(installedVersion('class-validator')).toMatch(/^0\.15\./);
  expect(installedVersion('runwright-is-not-installed-here')).toBeUndefined();
});
