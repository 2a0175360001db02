import { createHash } from 'node:crypto';
import { canonicalJson } from '../../artifact/canonicalJson';
import type { LockedRequirements } from './LockedRequirements';

/** Name of the store entry: everything that decides what npm installs, and nothing else. */
export function requirementsKey(locked: LockedRequirements, allowScripts: readonly string[]): string {
  const { platform, arch } = process;
  const abi = process.versions.modules;
  const identity = { format: 1, locked, platform, arch, libc: libc(), abi, allowScripts };
  return createHash('sha256').update(canonicalJson(identity)).digest('hex');
}

let known: string | undefined;

/** The C library that this node was built for, which decides between the builds of a native package on Linux. */
function libc(): string {
  known ??= process.platform === 'linux' ? (isGlibc() ? 'glibc' : 'musl') : 'system';
  return known;
}

function isGlibc(): boolean {
  // Without this the report looks up the names of open connections. The types do not know it yet.
  const report = process.report as { excludeNetwork?: boolean; getReport(): object };
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: unknown } };
  report.excludeNetwork = before;
  return header?.glibcVersionRuntime !== undefined;
}
