import { isUtf8 } from 'node:buffer';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { RunwrightError } from '../../errors/RunwrightError';
import type { PackageFile } from './PackageFile';

const MAX_FILES = 15_000;
const REPLACE = 'Remove it, or put a real file in its place';
/** What a name is read with where its bytes are no character. */
const UNREADABLE = '\ufffd';

/**
 * Every file of a folder, with its sub-folders, under `prefix` (`''` for the package's root). Empty folders are not kept.
 * A link is followed as long as it stays in the folder.
 *
 * @throws RunwrightError RW_ARTIFACT_INVALID for links that leave the folder or go round, for names that are
 *   not UTF-8, and for what is not a file
 */
export async function listFolder(folder: string, prefix: string): Promise<PackageFile[]> {
  const root = await realpath(folder);
  const files: PackageFile[] = [];
  const visit = async (directory: string, path: string, above: readonly string[]): Promise<void> => {
    const names = await readdir(directory);
    for (const name of names.sort()) {
      const source = join(directory, name);
      if (name.includes(UNREADABLE)) await refuseOtherEncoding(directory, source);
      const target = await realpath(source).catch((cause: unknown) =>
        refuse(source, 'the link leads nowhere', cause),
      );
      if (target !== root && !target.startsWith(root + sep)) {
        throw refuse(source, `the link leaves the folder ${folder}`);
      }
      const status = await stat(target);
      const packagePath = path === '' ? name : `${path}/${name}`;
      if (status.isDirectory()) {
        if (above.includes(target)) throw refuse(source, 'the link goes round to a folder above it');
        await visit(source, packagePath, [...above, target]);
      } else if (status.isFile()) {
        const executable = (status.mode & 0o111) !== 0;
        files.push({ source, path: packagePath, executable, size: status.size });
        if (files.length > MAX_FILES) throw refuse(folder, `the folder has more than ${MAX_FILES} files`);
      } else {
        throw refuse(source, 'it is neither a file nor a folder');
      }
    }
  };
  await visit(folder, prefix, [root]);
  return files;

  /** Node gives the mark for bytes that are not UTF-8; a name may also hold the mark itself. */
  async function refuseOtherEncoding(directory: string, source: string): Promise<void> {
    const bytes = await readdir(directory, { encoding: 'buffer' });
    if (bytes.every(isUtf8)) return;
    throw refuse(source, 'its name is not UTF-8', undefined, 'Rename it: names in a package are UTF-8');
  }

  function refuse(source: string, what: string, cause?: unknown, hint = REPLACE): never {
    throw new RunwrightError('RW_ARTIFACT_INVALID', {
      where: relative('', source) || source,
      what,
      hint,
      cause,
    });
  }
}
