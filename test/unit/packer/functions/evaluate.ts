import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { project } from '../fixtures/project';

/** The value of an expression in a module of its own. */
export async function evaluate<T>(expression: string): Promise<T> {
  // Below node_modules Vitest leaves the import to Node.
  const directory = join(project({}), 'node_modules/shipped');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'index.mjs');
  writeFileSync(file, `export default ${expression};\n`);
  return ((await import(pathToFileURL(file).href)) as { default: T }).default;
}
