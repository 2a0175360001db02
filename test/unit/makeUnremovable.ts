import { execFileSync } from 'node:child_process';

/** Makes folders in a folder that are too deep for a path, so that even root's `rm` of node cannot remove them; `rm -rf` can. */
export function makeUnremovable(folder: string): void {
  const script = 'for level in $(seq 30); do mkdir "$0"; cd "$0"; done';
  execFileSync('bash', ['-c', script, 'd'.repeat(200)], { cwd: folder });
}
