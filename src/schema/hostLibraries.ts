import { lazyClassValidator } from './lazyClassValidator';

/**
 * The libraries that hold metadata, as the code of a package gets them: this process's own copies, which the engine asks.
 * Specifier to module, made when it is first asked for.
 */
export const hostLibraries: Readonly<Record<string, () => unknown>> = Object.freeze({
  'reflect-metadata': () => require('reflect-metadata') as unknown,
  'class-validator': lazyClassValidator,
  'class-transformer': () => require('class-transformer') as unknown,
  'class-transformer/cjs/storage': () => require('class-transformer/cjs/storage') as unknown,
});
