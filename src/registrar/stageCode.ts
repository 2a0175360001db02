import { symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../artifact/makeFolder';
import { ioError } from '../errors/ioError';
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
 * @throws RunwrightError RW_REQUIREMENT_INVALID, RW_IO
 */
export async function stageCode(bundle: Bundle, from: string, folder: string): Promise<string> {
  const packed = await readCodeTar(await writeCodeTar(codeFiles(bundle)));
  for (const [path, bytes] of packed) {
    const target = join(folder, path);
    await writeFile(target, bytes).catch(failedTo(target, 'write the packed code into the temporary folder'));
  }
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
    const failed = failedTo(target, 'link the package into the temporary folder');
    await makeFolder(dirname(target)).catch(failed);
    await symlink(source, target, 'junction').catch(failed);
  }
  return join(folder, BUNDLE_FILE);
}

function failedTo(path: string, doing: string): (cause: unknown) => never {
  return (cause) => {
    throw ioError(cause, path, doing);
  };
}
