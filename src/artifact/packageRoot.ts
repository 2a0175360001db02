import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PackageRoot {
  /** Absolute path of the folder of Runwright's own package.json. */
  readonly path: string;
  readonly packageJson: {
    readonly version: string;
    readonly engines: { readonly node: string };
    readonly dependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
    readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  };
}

/** Where this Runwright is installed, looked up from this file, whatever the build made of it. */
export function packageRoot(): PackageRoot {
  for (let path = __dirname; path !== dirname(path); path = dirname(path)) {
    const packageJson = readPackageJson(join(path, 'package.json'));
    if (packageJson?.name === 'runwright') return { path, packageJson };
  }
  throw new TypeError(`no package.json of runwright stands above ${__dirname}`);
}

function readPackageJson(file: string): (PackageRoot['packageJson'] & { readonly name: string }) | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof readPackageJson>;
  } catch {
    return undefined;
  }
}
