import { once } from 'node:events';
import type { Header } from 'tar-stream';
import { archiveFault } from './archiveFault';
import type { TarInput } from './TarInput';

const BLOCK = 512;
/** Blocks that one entry may spend on its headers: room for any path, not for filling the memory. */
const HEADER_BLOCKS = 64;
const MOST_PADDING = 1024 * 1024;

/** What a tar says of one entry, not yet judged. */
export interface TarHeader {
  readonly name: string;
  readonly type: Header['type'];
  /** Records of a pax extended header. */
  readonly pax: Readonly<Record<string, string>>;
  /** Where its bytes begin, and how many there are. */
  readonly offset: number;
  readonly size: number;
}

/**
 * The headers of a tar, in order. The bytes of the entries are not read.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID when this is not a tar, or a truncated one, or bytes follow its end
 */
export async function* readTarHeaders(input: TarInput): AsyncGenerator<TarHeader> {
  const first = await input.read(0, BLOCK);
  if (!looksLikeTar(first))
    throw archiveFault(input.name, `this is ${formatOf(first)}, not an OCI archive, which is a plain tar`);
  if (input.size % BLOCK !== 0) throw truncated(input);
  let position = 0;
  for (;;) {
    const header = await readHeader(input, position);
    if (header === undefined) return;
    yield header;
    position = header.offset + Math.ceil(header.size / BLOCK) * BLOCK;
  }
}

/** One header with the extended ones before it; undefined at the end of the tar. */
async function readHeader(input: TarInput, position: number): Promise<TarHeader | undefined> {
  const { extract } = await import('tar-stream');
  // A parser for each header: it is never given the bytes between headers. A mark of 1 makes every write wait for its
  // `drain`, which comes after the block has been parsed.
  const parser = extract({ highWaterMark: 1 });
  let found: Header | undefined;
  parser.on('entry', (header, body) => {
    body.on('error', () => undefined);
    found = header;
  });
  try {
    for (let blocks = 0; blocks < HEADER_BLOCKS; blocks++) {
      const offset = position + (blocks + 1) * BLOCK;
      const block = await input.read(offset - BLOCK, BLOCK);
      if (block.length < BLOCK) throw truncated(input);
      if (isZero(block)) {
        await requirePadding(input, offset - BLOCK);
        return undefined;
      }
      const parsed = once(parser, 'drain');
      parser.write(block);
      await parsed.catch((cause: unknown) => {
        throw archiveFault(
          input.name,
          `the tar header at byte ${offset - BLOCK} is damaged`,
          undefined,
          cause,
        );
      });
      if (found !== undefined) return describe(input, found, offset);
    }
  } finally {
    parser.on('error', () => undefined);
    parser.destroy();
  }
  throw archiveFault(
    input.name,
    `the tar header at byte ${position} is longer than ${HEADER_BLOCKS * BLOCK} bytes`,
  );
}

function describe(input: TarInput, { name, type, size, pax }: Header, offset: number): TarHeader {
  if (!Number.isSafeInteger(size) || size > input.size - offset) {
    throw archiveFault(input.name, 'goes beyond the end of the archive, which is truncated or damaged', name);
  }
  return { name, type, size, offset, pax: (pax ?? {}) as Record<string, string> };
}

/** After the first block of zeros there may only be more of them: two at least, and not without end. */
async function requirePadding(input: TarInput, position: number): Promise<void> {
  const length = input.size - position;
  if (length < 2 * BLOCK) throw truncated(input);
  if (length > MOST_PADDING || !isZero(await input.read(position, length))) {
    throw archiveFault(input.name, 'there are bytes after the end of the archive');
  }
}

const truncated = (input: TarInput) => archiveFault(input.name, 'the archive is truncated');

const isZero = (bytes: Buffer) => bytes.equals(Buffer.alloc(bytes.length));

/** A header with the magic, or the zeros that end an empty tar. */
const looksLikeTar = (block: Buffer) =>
  block.length === BLOCK && (block.subarray(257, 262).toString('latin1') === 'ustar' || isZero(block));

function formatOf(start: Buffer): string {
  const magic = start.subarray(0, 4).toString('hex');
  if (magic.startsWith('1f8b')) return 'a gzip file';
  if (magic === '504b0304' || magic === '504b0506') return 'a zip file';
  if (magic === '28b52ffd') return 'a zstd file';
  return start.length === 0 ? 'an empty file' : 'a file of another kind';
}
