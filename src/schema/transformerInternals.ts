import { Expose } from 'class-transformer';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage';
import type { TransformOperationExecutor } from 'class-transformer/types/TransformOperationExecutor';

export interface TransformerInternals {
  readonly storage: MetadataStorage;
  readonly Executor: typeof TransformOperationExecutor;
}

let found: TransformerInternals | undefined;

/**
 * The two parts of class-transformer that its index does not export: what `@Type` wrote, and the walk that makes
 * instances. `undefined` when this installation has none, or has a second copy that does not see the decorators.
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
    class Probe {}
    Expose()(Probe.prototype, 'probe');
    return storage.findExposeMetadata(Probe, 'probe') === undefined ? undefined : { storage, Executor };
  } catch {
    return undefined;
  }
}
