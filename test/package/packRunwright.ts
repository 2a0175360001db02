import { cpSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './runProgram';

const root = join(__dirname, '..', '..');
const BUILD_INPUT = ['src', 'package.json', 'tsconfig.json', 'rolldown.config.mjs'];
const PACKED = ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs'];

/**
 * Makes the tarball that would be published, from the sources as they are now. Built in a copy, so that nobody's `dist` is
 * touched; `npm test` has built just before, and then that is taken.
 *
 * @param folder an existing folder, which gets the tarball
 * @returns absolute path of the tarball
 */
export async function packRunwright(folder: string): Promise<string> {
  const stage = join(folder, 'stage');
  mkdirSync(stage);
  const isBuilt = hasFreshBuild();
  for (const name of [...BUILD_INPUT, ...PACKED, ...(isBuilt ? ['dist'] : [])]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(stage, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'), 'junction');
  const args = ['pack', '--silent', '--pack-destination', folder, ...(isBuilt ? ['--ignore-scripts'] : [])];
  const { status, stdout, stderr } = await runProgram('npm', args, { cwd: stage });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (status !== 0 || tarball === undefined) throw new Error(`npm pack failed:\n${stdout}${stderr}`);
  return join(folder, tarball);
}

function hasFreshBuild(): boolean {
  const built = ['index.js', 'index.d.ts'].map((name) => join(root, 'dist', name));
  if (!built.every((file) => existsSync(file))) return false;
  const oldest = Math.min(...built.map((file) => statSync(file).mtimeMs));
  return BUILD_INPUT.every((name) => newest(join(root, name)) < oldest);
}

function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
