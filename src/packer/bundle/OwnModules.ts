import { basename, dirname, join, relative, sep } from 'node:path';

const ALIAS = 'runwright~';

/** Tells the user's own modules from those of installed packages. */
export class OwnModules {
  readonly #root: string;

  /** @param root the folder of the package that the entry belongs to, which may itself lie in a node_modules */
  constructor(root: string) {
    this.#root = root;
  }

  has(id: string): boolean {
    return !id.startsWith('\0') && !relative(this.#root, id).split(sep).includes('node_modules');
  }
}

/**
 * The id under which one of the user's own modules is bundled. The bundler names the variables of an `index` after its
 * folder, and where a project lies must not show in the bytes.
 */
export function hideFolderName(file: string): string {
  return /^(?:index|mod)\./.test(basename(file)) ? join(dirname(file), ALIAS + basename(file)) : file;
}

/** The file behind an id. */
export function fileOf(id: string): string {
  return basename(id).startsWith(ALIAS) ? join(dirname(id), basename(id).slice(ALIAS.length)) : id;
}
