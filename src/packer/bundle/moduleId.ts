import { basename, dirname, join } from 'node:path';

const ALIAS = 'runwright~';

/**
 * The id under which one of the user's own modules is bundled. The bundler names the variables of an `index` after its
 * folder, and where a project lies must not show in the bytes.
 */
export function moduleId(file: string): string {
  return /^(?:index|mod)\./.test(basename(file)) ? join(dirname(file), ALIAS + basename(file)) : file;
}

/** The file behind an id. */
export function fileOf(id: string): string {
  return basename(id).startsWith(ALIAS) ? join(dirname(id), basename(id).slice(ALIAS.length)) : id;
}
