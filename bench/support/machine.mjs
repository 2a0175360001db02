import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { path } from './path.mjs';

/** What the figures were measured on, for people. */
export function machine() {
  return { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model, memory: totalmem() };
}

/** `name version` of npm packages that are installed here. */
export const versionsOf = (...names) =>
  names
    .map((name) => {
      const file = path(`node_modules/${name}/package.json`);
      return `${name} ${JSON.parse(readFileSync(file, 'utf8')).version}`;
    })
    .join(', ');
