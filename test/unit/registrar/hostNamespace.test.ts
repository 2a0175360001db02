import 'reflect-metadata';
import { expect, it } from 'vitest';
import * as root from '../../../src/index';
import { hostNamespace } from '../../../src/registrar/hostNamespace';
import { RegistrationGuard } from '../../../src/registrar/RegistrationGuard';

it('gives the code of a package the names of the root entry, and refuses what writes packages', () => {
  const guard = new RegistrationGuard();
  const given = hostNamespace(root.loadModel, guard)['runwright']?.() as Record<string, () => unknown>;
  expect(Object.keys(given).sort()).toEqual(Object.keys(root).sort());
  const refused = ['buildPackage', 'copyModel', 'createModel', 'registerModel', 'registerTorchModel'];
  for (const [name, value] of Object.entries(root)) {
    if (refused.includes(name))
      expect(given[name], name).toThrow(expect.objectContaining({ code: 'RW_ENTRY_REGISTERS' }));
    else expect(given[name], name).toBe(value);
  }
  expect(() => guard.throwIfCalled()).toThrow('buildPackage()');
});
