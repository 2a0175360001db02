import type { RegistryOptions } from '../registrar/RegistryOptions';
import type { ExitCode } from './ExitCode';
import type { Terminal } from './Terminal';

/** What a command works with besides its own arguments. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Fires on Ctrl-C and SIGTERM, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** From --registry and --organization. */
  readonly registry: RegistryOptions;
}

export type CommandWork = (context: CommandContext) => Promise<ExitCode>;
