import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

type Suite = (title: string, tests: () => void) => void;

/**
 * `describe` for a suite that needs a program which npm cannot install: where the program is missing the suite is skipped
 * and its title says why; under RUNWRIGHT_REQUIRE_INTEROP=1 that is an error.
 *
 * @param args a call of the program that ends with 0 and does nothing
 * @param name what is missing when it does not, for people
 * @example
 * requireProgram('skopeo')('skopeo reads the local registry', () => { ... });
 */
export function requireProgram(
  program: string,
  args: readonly string[] = ['--version'],
  name = `the program ${program}`,
): Suite {
  if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return describe;
  if (process.env.RUNWRIGHT_REQUIRE_INTEROP === '1') {
    throw new Error(
      `${name} is not installed, and RUNWRIGHT_REQUIRE_INTEROP=1 does not let its suite be skipped`,
    );
  }
  return (title, tests) => {
    describe.skip(`${title} (skipped: ${name} is not installed)`, tests);
  };
}
