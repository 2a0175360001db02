import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import { findCollision } from './findCollision';
import { listFolder } from './listFolder';
import type { PackageFile } from './PackageFile';
import { packagePathFault } from './packagePathFault';

export interface ResolvedArtifacts {
  /** What `@Load` gets as keys: the package paths as registered, sorted. */
  readonly keys: readonly string[];
  /** Sorted by path. */
  readonly files: readonly PackageFile[];
}

/**
 * Looks up the files that `artifacts` (local path to package path) names. A trailing `/*` on both sides takes a folder's
 * files with their sub-folders. Local paths are relative to the working directory.
 *
 * @throws RunwrightError RW_ARTIFACT_INVALID naming the entry
 * @example
 * await resolveArtifacts({ 'data/labels.txt': 'labels.txt', 'voices/*': 'voices/*' });
 */
export async function resolveArtifacts(
  artifacts: Readonly<Record<string, string>>,
): Promise<ResolvedArtifacts> {
  const files: PackageFile[] = [];
  for (const [local, path] of Object.entries(artifacts)) files.push(...(await resolveOne(local, path)));
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  refuseCollision(files);
  return { keys: [...new Set(Object.values(artifacts))].sort(), files };
}

async function resolveOne(local: string, path: string): Promise<PackageFile[]> {
  const where = `artifact "${local}"`;
  if (typeof path !== 'string') {
    throw refuse(where, `its package path is ${describeType(path)}`, 'Give a path such as "labels.txt"');
  }
  const folder = splitStar(local);
  const prefix = splitStar(path);
  if (folder.fault || prefix.fault || folder.star !== prefix.star) {
    throw refuse(
      where,
      `"*" in "${local}" or "${path}" is not the whole last segment, on both sides`,
      'Write { "folder/*": "folder/*" } for a folder, and no "*" for a file',
    );
  }
  const fault = prefix.star && prefix.rest === '' ? undefined : packagePathFault(prefix.rest);
  if (fault !== undefined) {
    throw refuse(
      where,
      `its package path "${path}" is refused: ${fault}`,
      'Use a relative path with "/", such as "data/labels.txt"',
    );
  }
  const source = resolve(folder.rest === '' ? '.' : folder.rest);
  const status = await stat(source).catch((cause: NodeJS.ErrnoException) => {
    const what =
      cause.code === 'ENOENT' ? `${source} does not exist` : `${source} cannot be read (${cause.code})`;
    throw refuse(where, what, 'Local paths are relative to the working directory', cause);
  });
  if (folder.star) {
    if (!status.isDirectory())
      throw refuse(where, `${source} is not a folder`, 'Leave out "/*" to take one file');
    const listed = await listFolder(source, prefix.rest);
    if (listed.length === 0)
      throw refuse(where, `the folder ${source} holds no file`, 'Put the files there first');
    for (const file of listed) {
      const bad = packagePathFault(file.path);
      if (bad !== undefined)
        throw refuse(where, `the package path "${file.path}" is refused: ${bad}`, 'Rename the file');
    }
    return listed;
  }
  if (status.isDirectory()) {
    throw refuse(where, `${source} is a folder`, `Write { "${local}/*": "${path}/*" } to take its files`);
  }
  if (!status.isFile()) throw refuse(where, `${source} is not a file`, 'Only files and folders can travel');
  return [{ source, path, executable: (status.mode & 0o111) !== 0, size: status.size }];
}

function refuseCollision(files: readonly PackageFile[]): void {
  const collision = findCollision(files.map(({ path }) => path));
  if (!collision) return;
  const sources = files.filter(({ path }) => collision.includes(path)).map(({ source }) => source);
  throw refuse(
    `package path "${collision[0]}"`,
    `it collides with "${collision[1]}" (from ${sources.join(' and ')})`,
    'Give each file a package path of its own',
  );
}

function splitStar(path: string): { rest: string; star: boolean; fault: boolean } {
  const star = path === '*' || path.endsWith('/*');
  const rest = star ? path.slice(0, -1).replace(/\/$/, '') : path;
  return { rest, star, fault: rest.includes('*') };
}

function refuse(where: string, what: string, hint: string, cause?: unknown): RunwrightError {
  return new RunwrightError('RW_ARTIFACT_INVALID', { where, what, hint, cause });
}
