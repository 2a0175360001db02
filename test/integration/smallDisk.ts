import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a disk in memory over a folder. @param options of tmpfs: `size=2m` */
export function mountDisk(folder: string, ...options: string[]): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', folder]).status === 0;
}

export function unmountDisk(folder: string): void {
  spawnSync('umount', [folder]);
}

/** Whether this user may mount. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'runwright-mount-'));
  const mounted = mountDisk(folder, 'size=1m');
  if (mounted) unmountDisk(folder);
  rmdirSync(folder);
  return mounted;
}
