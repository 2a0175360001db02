import { mkdir, writeFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RunwrightError } from '../errors/RunwrightError';
import { readCodeTar } from '../packer/archive/readCodeTar';
import { writeCodeTar } from '../packer/archive/writeCodeTar';
import { BUNDLE_FILE, type Bundle } from '../packer/bundle/Bundle';
import { codeFiles } from './codeFiles';
import { findPackage } from './findPackage';

/**
 * Lays code out as an opened package would, in `folder`, from its packed bytes, with the packages that stayed outside
 * taken from the user's project.
 *
 * @param from folder of the entry, where the user's packages are looked up
 * @returns absolute path of the module to import
 */
export async function stageCode(bundle: Bundle, from: string, folder: string): Promise<string> {
  const packed = await readCodeTar(await writeCodeTar(codeFiles(bundle)));
  for (const [path, bytes] of packed) await writeFile(join(folder, path), bytes);
  for (const name of bundle.externals) {
    const target = join(folder, 'node_modules', name);
    const source = findPackage(name, from);
    if (source === undefined) {
      throw new RunwrightError('RW_REQUIREMENT_INVALID', {
        where: `requirement "${name}"`,
        what: `it is not installed at or above ${from}`,
        hint: `Run \`npm install ${name}\` there: the package is checked with the versions of your project`,
      });
    }
    await mkdir(dirname(target), { recursive: true });
    await symlink(source, target, 'junction');
  }
  return join(folder, BUNDLE_FILE);
}
