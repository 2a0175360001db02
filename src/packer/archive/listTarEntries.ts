import { archiveFault } from './archiveFault';
import { EntryNames } from './EntryNames';
import { readTarHeaders, type TarHeader } from './readTarHeaders';
import type { TarInput } from './TarInput';

export interface ArchiveLimits {
  /** Files and folders, 20,000 by default. */
  readonly maxEntries?: number | undefined;
  /** Bytes of all files together, 64 GiB by default. */
  readonly maxBytes?: number | undefined;
}

export interface TarEntry {
  /** A relative path with `/`, without `.`, `..` or an empty part. */
  readonly name: string;
  readonly type: 'file' | 'directory';
  /** Where its bytes begin in the tar. */
  readonly offset: number;
  readonly size: number;
}

const MAX_ENTRIES = 20_000;
const MAX_BYTES = 64 * 1024 ** 3;

/**
 * Every entry of a tar, judged by its header alone: what is listed is safe to write below some folder.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID naming the entry and its fault
 */
export async function listTarEntries(input: TarInput, limits: ArchiveLimits = {}): Promise<TarEntry[]> {
  const { maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = limits;
  const names = new EntryNames();
  const entries: TarEntry[] = [];
  let bytes = 0;
  let count = 0;
  for await (const header of readTarHeaders(input)) {
    if (++count > maxEntries)
      throw archiveFault(input.name, `the archive holds more than ${maxEntries} entries`);
    bytes += header.size;
    if (bytes > maxBytes) throw archiveFault(input.name, `the archive holds more than ${maxBytes} bytes`);
    const type = typeOf(header);
    const name = withoutDot(header.name, type);
    // `tar -c .` begins with the folder itself.
    if (name === '' && type === 'directory') continue;
    const fault = faultOf(header, type) ?? names.add(name, type);
    if (fault !== undefined) throw archiveFault(input.name, fault, header.name);
    entries.push({ name, type: type as TarEntry['type'], offset: header.offset, size: header.size });
  }
  return entries;
}

function typeOf({ type, pax }: TarHeader): string {
  if (Object.keys(pax).some((key) => key.startsWith('GNU.sparse'))) return 'sparse file';
  switch (type) {
    case 'file':
    case 'directory':
    case 'fifo':
      return type;
    case 'link':
      return 'hard link';
    case 'symlink':
      return 'symbolic link';
    case 'character-device':
    case 'block-device':
      return 'device';
    default:
      return 'thing of an unknown type';
  }
}

function faultOf({ size }: TarHeader, type: string): string | undefined {
  if (type !== 'file' && type !== 'directory') return `is a ${type}; only files and folders are taken`;
  return type === 'directory' && size > 0 ? 'is a folder with bytes of its own' : undefined;
}

function withoutDot(name: string, type: string): string {
  const relative = name === '.' ? '' : name.startsWith('./') ? name.slice(2) : name;
  return type === 'directory' && relative.endsWith('/') ? relative.slice(0, -1) : relative;
}
