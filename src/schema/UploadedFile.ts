import { createReadStream, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { ioError } from '../errors/ioError';
import { RunwrightError } from '../errors/RunwrightError';
import type { StoredFile } from './StoredFile';

/**
 * The value of a property with `@IsFile`: a file on this machine's disk.
 *
 * Only the server and `UploadedFile.from` make one; an object that merely looks like one, out of somebody's JSON, does not
 * pass `@IsFile`. The server's files are there until the request has its answer.
 *
 * @example
 * const handle = await createRunner(Captions);
 * await handle.run({ image: UploadedFile.from('./cat.png', { mime: 'image/png' }) });
 */
export class UploadedFile implements StoredFile {
  // No copy made of plain data has it.
  readonly #isFile = true;
  readonly path: string;
  readonly filename: string;
  readonly mime: string;
  readonly size: number;

  /** @internal `UploadedFile.from` looks at the disk; this believes what it is told. */
  constructor({ path, filename, mime, size }: StoredFile) {
    this.path = path;
    this.filename = filename;
    this.mime = mime;
    this.size = size;
    Object.freeze(this);
  }

  /**
   * A file of this machine, for tests and callers in the same process.
   *
   * @param options.filename default: the last part of the path
   * @param options.mime default `application/octet-stream`
   * @throws RunwrightError RW_IO when there is no such file
   */
  static from(path: string, options: { filename?: string; mime?: string } = {}): UploadedFile {
    const absolute = resolve(path);
    const { filename = basename(absolute), mime = 'application/octet-stream' } = options;
    let stats;
    try {
      stats = statSync(absolute);
    } catch (error) {
      throw ioError(error, absolute, 'read the file');
    }
    if (!stats.isFile()) {
      throw new RunwrightError('RW_IO', {
        where: absolute,
        what: 'could not read the file: it is not a regular file',
        hint: 'Name a file',
      });
    }
    return new UploadedFile({ path: absolute, filename, mime, size: stats.size });
  }

  static is(value: unknown): value is UploadedFile {
    return typeof value === 'object' && value !== null && #isFile in value;
  }

  /** The bytes, bit by bit, however large the file is. The stream's `error` event says when it cannot be read. */
  stream(): Readable {
    return createReadStream(this.path);
  }

  /**
   * All bytes at once.
   *
   * @throws RunwrightError RW_IO
   */
  async bytes(): Promise<Uint8Array> {
    try {
      return await readFile(this.path);
    } catch (error) {
      throw ioError(error, this.path, 'read the file');
    }
  }

  /** Without the path: where the server keeps its files is nobody's business. */
  toJSON(): Omit<StoredFile, 'path'> {
    return { filename: this.filename, mime: this.mime, size: this.size };
  }
}
