import type { Props } from '../metadata/contexts';
import type { ModelSignature } from '../models/tensor/ModelSignature';
import type { RunnerWanted } from './findRunnerExport';

/** Where a runner class comes from: a module, or the model that it shall run. Plain JSON. */
export type RunnerClassSource =
  | {
      readonly kind: 'module';
      /** Absolute path of the module to import. */
      readonly codeFile: string;
      readonly wanted: RunnerWanted;
    }
  | {
      readonly kind: 'model';
      readonly name: string;
      readonly signature: ModelSignature;
      /** Most items in one run. */
      readonly maxBatchSize?: number | undefined;
    };

/** A runner on this machine's disk, ready to be loaded by any thread or process: plain JSON. */
export interface RunnerSpec {
  readonly source: RunnerClassSource;
  /** The user's name for it, for messages: a reference, a file, an entry. */
  readonly where: string;
  readonly props: Props | null;
  /** Registered key to absolute path. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Absolute path of the folder that `@Save` wrote; `null` for a runner that nothing was saved of. */
  readonly directory: string | null;
  /** The export that is the model instance, or a function that makes it; `null` to load the model. */
  readonly modelExport: string | null;
  /** Inputs that are run before it is ready. */
  readonly warmUp?: readonly unknown[] | undefined;
  /** Names of the packages that are installed beside the code, for messages. */
  readonly requirements: readonly string[];
}
