import type { Props } from '../metadata/contexts';
import type { RunnerWanted } from './findRunnerExport';

/** A runner on this machine's disk, ready to be imported and loaded by any thread or process: plain JSON. */
export interface RunnerSpec {
  /** Absolute path of the module to import. */
  readonly codeFile: string;
  readonly wanted: RunnerWanted;
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
