import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';

/** Absolute path of the user's home; `undefined` when there is none, as in a container whose user has no entry and no `HOME`. */
export function homeFolder(): string | undefined {
  let home: string;
  try {
    home = homedir();
  } catch {
    return undefined;
  }
  // An empty or a relative HOME would put things into whatever the working directory is.
  return isAbsolute(home) ? home : undefined;
}
