import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The fields of a `package.json` that bundling looks at. */
export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly gypfile?: boolean;
  readonly binary?: unknown;
  readonly napi?: unknown;
  readonly os?: unknown;
  readonly cpu?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface InstalledPackage {
  readonly directory: string;
  readonly json: PackageJson;
}

/** Finds the package that a file belongs to; remembers, for the length of one bundle. */
export class InstalledPackages {
  readonly #found = new Map<string, InstalledPackage | undefined>();

  /** The nearest folder above with a `package.json` that has a name: `dist/esm/package.json` often only sets the type. */
  packageOf(file: string): InstalledPackage | undefined {
    return this.#nearest(dirname(file), (json) => json.name !== undefined);
  }

  /** What Node takes a `.js` file for: the nearest `package.json` decides, whatever its other fields. */
  isCommonJs(file: string): boolean {
    if (/\.(?:mjs|mts)$/.test(file)) return false;
    if (!/\.(?:js|ts)$/.test(file)) return true;
    return this.#nearest(dirname(file), () => true)?.json.type !== 'module';
  }

  #nearest(directory: string, fits: (json: PackageJson) => boolean): InstalledPackage | undefined {
    const own = this.#read(directory);
    if (own !== undefined && fits(own.json)) return own;
    const parent = dirname(directory);
    return parent === directory ? undefined : this.#nearest(parent, fits);
  }

  #read(directory: string): InstalledPackage | undefined {
    if (!this.#found.has(directory)) this.#found.set(directory, readPackage(directory));
    return this.#found.get(directory);
  }
}

function readPackage(directory: string): InstalledPackage | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return typeof json === 'object' && json !== null ? { directory, json } : undefined;
  } catch {
    // No package.json, or one that Node and the bundler cannot read either and complain of.
    return undefined;
  }
}
