import type { MetadataStorage } from 'class-transformer/types/MetadataStorage';
import type { TransformOperationExecutor } from 'class-transformer/types/TransformOperationExecutor';

type ClassTransformer = typeof import('class-transformer');

export interface TransformerInternals {
  readonly storage: MetadataStorage;
  readonly Executor: typeof TransformOperationExecutor;
  /** The direction in which values go here. */
  readonly toClass: ClassTransformer['TransformationType']['PLAIN_TO_CLASS'];
}

let found: TransformerInternals | undefined;

/**
 * The two parts of class-transformer that its index does not export: what `@Type` wrote, and the walk that makes
 * instances. `undefined` when this installation has none, or has a second copy that does not see the decorators.
 *
 * The first call loads the library: a program that only imports Runwright does not wait for it.
 */
export function transformerInternals(): TransformerInternals | undefined {
  found ??= load();
  return found;
}

function load(): TransformerInternals | undefined {
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- may fail, and must be synchronous */
    const { defaultMetadataStorage: storage } = require('class-transformer/cjs/storage') as {
      defaultMetadataStorage: MetadataStorage;
    };
    const { TransformOperationExecutor: Executor } =
      require('class-transformer/cjs/TransformOperationExecutor') as Pick<
        typeof import('class-transformer/types/TransformOperationExecutor'),
        'TransformOperationExecutor'
      >;
    /* eslint-enable @typescript-eslint/no-require-imports */
    const { Expose, TransformationType } = require('class-transformer') as ClassTransformer;
    class Probe {}
    Expose()(Probe.prototype, 'probe');
    return storage.findExposeMetadata(Probe, 'probe') === undefined
      ? undefined
      : { storage, Executor, toClass: TransformationType.PLAIN_TO_CLASS };
  } catch {
    return undefined;
  }
}
