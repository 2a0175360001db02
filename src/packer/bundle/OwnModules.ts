import { relative, sep } from 'node:path';

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
