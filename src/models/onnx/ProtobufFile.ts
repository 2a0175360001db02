import { open, type FileHandle } from 'node:fs/promises';
import { ioError } from '../../errors/ioError';
import { modelFileInvalid } from '../value/modelFileInvalid';

/** Where a message lies in a file: byte offsets, `end` not included. */
export interface MessageRange {
  readonly start: number;
  readonly end: number;
  /** Of messages within messages. */
  readonly depth: number;
}

/** One field; its range is that of its content, which is empty for numbers. */
export interface ProtobufField extends MessageRange {
  readonly number: number;
  /** Of a varint; beyond 2^53 it is not exact. */
  readonly value: number;
  /** True for texts, bytes and messages. */
  readonly delimited: boolean;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const WINDOW = 16 * 1024;
/** A key and a length or value, each a varint of at most 10 bytes. */
const MAX_HEADER = 20;
/** As in Google's own parser. */
const MAX_DEPTH = 100;
/** Longer than any path that a system takes. */
const MAX_TEXT = 16 * 1024;

const HINT = 'The file is damaged, cut off, or no ONNX file: export or download it again';

/**
 * Reads the fields of a Protocol Buffers file by their positions. What is skipped is never read, so that a file of
 * gigabytes costs a few reads; what is read is not trusted.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #window = Buffer.alloc(WINDOW);
  #from = 0;
  #to = 0;

  private constructor(file: string, handle: FileHandle, size: number) {
    this.#file = file;
    this.#handle = handle;
    this.#size = size;
  }

  /** Gives the file to `work`, and closes it afterwards. */
  static async read<T>(file: string, work: (reader: ProtobufFile) => Promise<T>): Promise<T> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(file);
      const { size } = await handle.stat();
      return await work(new ProtobufFile(file, handle, size));
    } catch (error) {
      throw ioError(error, file, 'read the model');
    } finally {
      await handle?.close();
    }
  }

  /** The message that the file is. */
  get root(): MessageRange {
    return { start: 0, end: this.#size, depth: 0 };
  }

  /**
   * Visits every field of a message, in order.
   *
   * @throws RunwrightError RW_MODEL_FILE_INVALID where the bytes are no message
   */
  async visit(
    { start, end, depth }: MessageRange,
    visitor: (field: ProtobufField) => Promise<void> | undefined,
  ): Promise<void> {
    if (depth > MAX_DEPTH) throw this.#invalid(start, 'messages within messages without end');
    for (let at = start; at < end;) {
      if (!this.#holds(at, Math.min(end, at + MAX_HEADER))) await this.#load(at);
      const field = this.#fieldAt(at, end, depth + 1);
      const work = visitor(field);
      if (work !== undefined) await work;
      at = field.end;
    }
  }

  async text({ start, end }: MessageRange): Promise<string> {
    if (end - start > MAX_TEXT) throw this.#invalid(start, 'a name of unusual length');
    if (!this.#holds(start, end)) await this.#load(start);
    return this.#window.toString('utf8', start - this.#from, end - this.#from);
  }

  #holds(start: number, end: number): boolean {
    return start >= this.#from && end <= this.#to;
  }

  async #load(start: number): Promise<void> {
    this.#from = start;
    this.#to = start;
    const end = Math.min(this.#size, start + WINDOW);
    while (this.#to < end) {
      const { bytesRead } = await this.#handle.read(this.#window, this.#to - start, end - this.#to, this.#to);
      if (bytesRead === 0) throw this.#invalid(this.#to, 'the end of the file');
      this.#to += bytesRead;
    }
  }

  #fieldAt(at: number, end: number, depth: number): ProtobufField {
    const key = this.#varint(at, end);
    const number = Math.floor(key.value / 8);
    const wire = key.value % 8;
    if (number === 0 || key.value >= 2 ** 32) throw this.#invalid(at, 'a field without a number');
    if (wire === VARINT) {
      const { value, next } = this.#varint(key.next, end);
      return { number, value, delimited: false, start: next, end: next, depth };
    }
    const length = wire === DELIMITED ? this.#varint(key.next, end) : undefined;
    const size = length?.value ?? (wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : NaN);
    const start = length?.next ?? key.next;
    if (Number.isNaN(size)) throw this.#invalid(at, `a field of the unknown kind ${wire}`);
    if (size > end - start) throw this.#invalid(at, `${size} bytes where ${end - start} are left`);
    return { number, value: 0, delimited: wire === DELIMITED, start, end: start + size, depth };
  }

  /** Within what the window holds. */
  #varint(at: number, end: number): { value: number; next: number } {
    let value = 0;
    for (let index = 0; index < 10 && at + index < end; index += 1) {
      const byte = this.#window[at + index - this.#from] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return { value, next: at + index + 1 };
    }
    throw this.#invalid(at, 'a number that does not end');
  }

  #invalid(at: number, found: string): Error {
    return modelFileInvalid(
      this.#file,
      `it is not an ONNX file, or not a whole one: ${found} at byte ${at}`,
      {
        hint: HINT,
      },
    );
  }
}
