import { RUNNER_KEY } from './keys';
import type { RunnerOptions } from './options';

export function writeRunner(target: object, options: RunnerOptions): void {
  Reflect.defineMetadata(RUNNER_KEY, options, target);
}

/** The options that `@Runner` wrote on this very class; a parent's do not count. */
export function readRunner(target: object): RunnerOptions | undefined {
  return Reflect.getOwnMetadata(RUNNER_KEY, target) as RunnerOptions | undefined;
}
