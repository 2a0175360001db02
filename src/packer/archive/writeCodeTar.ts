import { buffer } from 'node:stream/consumers';
import { bufferOf } from '../../artifact/bufferOf';
import { archiveFault } from './archiveFault';
import { appendToTar, createTar, finishTar } from './reproducibleTar';
import { EntryNames } from './EntryNames';

/**
 * The code layer of a package: a tar of a few files, sorted by name, with fixed times, owners and modes.
 *
 * @param files relative path with `/`, to bytes
 * @throws RunwrightError RW_PACKAGE_INVALID for a path that `readCodeTar` would refuse
 */
export async function writeCodeTar(files: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const names = new EntryNames();
  const tar = await createTar();
  const bytes = buffer(tar);
  // By code point, as UTF-8 bytes sort; the default order is by UTF-16 unit.
  const sorted = [...files].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const [name, content] of sorted) {
    const fault = names.add(name, 'file');
    if (fault !== undefined) throw archiveFault('code layer', fault, name);
    await appendToTar(tar, name, bufferOf(content));
  }
  finishTar(tar);
  return bytes;
}
