import type { Command } from 'commander';
import { addNames } from './flagParsers';

/** The flag of every command that loads packages. */
export function allowScripts(command: Command): Command {
  return command.option('--allow-scripts <names>', 'requirements whose install scripts may run', addNames);
}
