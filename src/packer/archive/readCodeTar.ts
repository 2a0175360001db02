import { listTarEntries } from './listTarEntries';
import { tarInputOfBytes } from './TarInput';

const MAX_ENTRIES = 1000;

/**
 * The files of a code layer: relative path to bytes. The buffers are views of `bytes`.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID for anything but at most 1000 plain files at safe paths
 */
export async function readCodeTar(bytes: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const input = tarInputOfBytes('code layer', bytes);
  const files = new Map<string, Buffer>();
  for (const { name, type, offset, size } of await listTarEntries(input, { maxEntries: MAX_ENTRIES })) {
    if (type === 'file') files.set(name, await input.read(offset, size));
  }
  return files;
}
