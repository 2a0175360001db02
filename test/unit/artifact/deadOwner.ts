import { spawnSync } from 'node:child_process';
import { newOwnerId } from '../../../src/artifact/ownerId';

/** The id of a process of this machine that has ended. */
export function deadOwner(): string {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return newOwnerId().replace(`-${process.pid}-`, `-${pid}-`);
}
