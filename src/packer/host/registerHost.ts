import { randomUUID } from 'node:crypto';
import { hostTable } from './HostTable';

/**
 * Makes modules of this process available to bundles, and returns the id under which `importBundle` asks for them. Each
 * copy of Runwright registers its own and serves its own loads.
 *
 * @param modules specifier as bundled code writes it (`class-validator`, `class-transformer/cjs/storage`) to a function
 *   that gives the module; called when it is first asked for
 * @example
 * const host = registerHost({ 'class-validator': () => require('class-validator') });
 */
export function registerHost(modules: Readonly<Record<string, () => unknown>>): string {
  const id = randomUUID();
  hostTable().set(id, {
    require(name) {
      if (Object.hasOwn(modules, name)) return modules[name]?.();
      // The code that Node gives, so that an optional `require` in a dependency fails as it would on its own.
      throw Object.assign(new Error(`Runwright does not give "${name}" to the packages that it loads`), {
        code: 'MODULE_NOT_FOUND',
      });
    },
  });
  return id;
}
