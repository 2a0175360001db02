import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface OwnPackageJson {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** This Runwright's own package.json; `dist` and `src` have the same depth, so it is found built and unbuilt. */
export function ownPackageJson(): OwnPackageJson {
  return JSON.parse(
    readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8'),
  ) as OwnPackageJson;
}
