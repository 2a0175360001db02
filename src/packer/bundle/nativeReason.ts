import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import type { InstalledPackage } from './InstalledPackages';

const LOADERS = new Set([
  'bindings',
  'cmake-js',
  'nan',
  'napi-postinstall',
  'node-addon-api',
  'node-gyp',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  'node-pre-gyp',
  '@mapbox/node-pre-gyp',
  'pkg-prebuilds',
  'prebuild-install',
]);
const PLATFORM =
  /(?:^|[-/@.])(?:aix|android|darwin|freebsd|linux|macos|openbsd|sunos|win32|windows)(?:32|64)?[-_.](?:arm|ia32|loong|mips|musl|ppc|riscv|s390|universal|x64|x86)/;
const INSTALL = /\b(?:node-gyp|node-pre-gyp|prebuild-install|node-gyp-build|cmake-js)\b/;

/**
 * Why a package cannot be bundled: a phrase that follows its name; `undefined` for pure JavaScript.
 *
 * @example nativeReason(betterSqlite3) // 'depends on bindings'
 */
export function nativeReason({ directory, json }: InstalledPackage): string | undefined {
  const loader = Object.keys(json.dependencies ?? {}).find((name) => LOADERS.has(name));
  if (loader !== undefined) return `depends on ${loader}`;
  const binary = Object.keys({ ...json.dependencies, ...json.optionalDependencies }).find((name) =>
    PLATFORM.test(name),
  );
  if (binary !== undefined) return `depends on ${binary}`;
  if (restricts(json.os) || restricts(json.cpu)) return 'is made for certain platforms (os, cpu)';
  if (json.gypfile === true || json.binary !== undefined || json.napi !== undefined)
    return 'declares a native build';
  if (INSTALL.test(json.scripts?.install ?? '')) return 'is compiled when it is installed';
  const file = findAddon(directory);
  return file === undefined ? undefined : `holds ${file}`;
}

/** `["!win32"]` only rules out; `["any"]` and an empty list say nothing. */
function restricts(platforms: unknown): boolean {
  return [platforms]
    .flat()
    .some((name) => typeof name === 'string' && name !== 'any' && !name.startsWith('!'));
}

function findAddon(directory: string): string | undefined {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return undefined;
  }
  const addon = entries.find(({ name }) => name === 'binding.gyp' || name.endsWith('.node'));
  if (addon !== undefined && !addon.isDirectory()) return addon.name;
  for (const entry of entries) {
    // What lies in node_modules are other packages, each judged by itself.
    if (!entry.isDirectory() || entry.name === 'node_modules') continue;
    const found = findAddon(join(directory, entry.name));
    if (found !== undefined) return found;
  }
  return undefined;
}
