import type { Constructor } from '../metadata/Constructor';
import type { RunnerOptions } from '../metadata/options';
import { requireReflect } from '../metadata/requireReflect';
import { writeRunner } from '../metadata/runnerMetadata';
import { refuseTc39 } from './refuseTc39';

/**
 * Marks a class as a runner.
 *
 * @param options a name, or `{ name, description }`; the name is the class's by default.
 * @throws RunwrightError RW_DECORATOR_TC39 or RW_REFLECT_METADATA_MISSING, when the toolchain cannot carry decorators
 * @example
 * @Runner({ name: 'iris' })
 * export class IrisRunner {}
 */
export function Runner(options: string | RunnerOptions = {}): (target: Constructor) => void {
  const normalised: RunnerOptions = typeof options === 'string' ? { name: options } : options;
  const decorate = (target: Constructor, context?: unknown): void => {
    refuseTc39('@Runner()', context);
    requireReflect(`@Runner() on ${target.name}`);
    writeRunner(target, normalised);
  };
  return decorate;
}
