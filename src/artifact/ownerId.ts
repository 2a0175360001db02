import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names one piece of work of one process: `<machine>-<pid>-<start time>-<random>`. Work on disk carries it in its name, so
 * whoever finds that work later can tell whether its process still lives.
 */
export type OwnerId = string;

/** `unknown`: a process of another machine or container, or one that this platform tells too little about. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** The form of an owner id, for the patterns of names that hold one. */
export const OWNER_ID = '[0-9a-f]{12}-\\d+-(?:\\d+|x)-[0-9a-f]{16}';

const FORM = /^([0-9a-f]{12})-(\d+)-(\d+|x)-[0-9a-f]{16}$/;

export function newOwnerId(): OwnerId {
  const startTime = readProcess(process.pid)?.startTime ?? 'x';
  return `${thisMachine()}-${process.pid}-${startTime}-${randomBytes(8).toString('hex')}`;
}

/** What can be proven about the process behind an id. */
export function livenessOf(owner: OwnerId): Liveness {
  const [, machine, pid, startTime] = FORM.exec(owner) ?? [];
  if (machine === undefined || machine !== thisMachine()) return 'unknown';
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const found = readProcess(Number(pid));
  if (found === undefined || startTime === 'x') return 'unknown';
  return found.ended || found.startTime !== startTime ? 'dead' : 'alive';
}

/** The process id in an owner id, for messages. */
export function pidOf(owner: OwnerId): string | undefined {
  return FORM.exec(owner)?.[2];
}

/** From `/proc/<pid>/stat`; `undefined` where there is none, or where it is hidden. */
function readProcess(pid: number): { startTime: string; ended: boolean } | undefined {
  const stat = readText(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The second field, the command, may hold spaces and parentheses: count from the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, startTime] = [fields?.[0], fields?.[17], fields?.[19]];
  if (startTime === undefined || !/^\d+$/.test(startTime)) return undefined;
  // A killed process that nobody has waited for; while it has other threads, one of them may still be inside a rename.
  return { startTime, ended: (state === 'Z' || state === 'X') && Number(threads) <= 1 };
}

let machine: string | undefined;

/**
 * Where a process id means something: this boot of this machine, this container. The host's name is in it because clones
 * of a virtual machine share a boot id.
 */
function thisMachine(): string {
  machine ??= createHash('sha256')
    .update(
      [
        readText(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')) ?? '',
        readText(() => readlinkSync('/proc/self/ns/pid')) ?? '',
        hostname(),
      ].join('\n'),
    )
    .digest('hex')
    .slice(0, 12);
  return machine;
}

function readText(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
