import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

// All of it reads /proc, so the benches that need it run on Linux.

/** A process and all that it has started, by their ids. */
export function treeOf(pid) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? statOf(name)?.parent : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/** Bytes of memory that the processes have in use now. */
export const residentBytes = (pids) => sum(pids.map((pid) => statusOf(pid, 'VmRSS')));

/** Most bytes that the processes have had in use, each at its own time, since `forgetPeak`. */
export const peakBytes = (pids) => sum(pids.map((pid) => statusOf(pid, 'VmHWM')));

export function forgetPeak(pids) {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Seconds of CPU that the processes have used. */
export const cpuSeconds = (pids) => sum(pids.map((pid) => statOf(pid)?.ticks ?? 0)) / ticksPerSecond();

function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  // The name, in brackets, may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

function statusOf(pid, key) {
  const kilobytes = read(`/proc/${pid}/status`)?.match(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm'))?.[1];
  return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}

/** `undefined` when the process has ended meanwhile. */
function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

let ticks;
const ticksPerSecond = () => (ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })));

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
