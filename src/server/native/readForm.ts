import { basename } from 'node:path';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { streamToFile } from '../../artifact/streamToFile';
import type { Issue } from '../../errors/Issue';
import { ioError } from '../../errors/ioError';
import { ValidationError } from '../../errors/ValidationError';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import type { StoredFile } from '../../schema/StoredFile';
import { RequestError } from '../exchange/RequestError';
import type { BodyLimits } from './BodyLimits';
import type { Upload } from './UploadFolder';

export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, StoredFile>>;
}

const MOST_FIELDS = 1000;

/**
 * Reads `multipart/form-data`: files go to disk as they come, within the limit of their field; what no field takes is read
 * past.
 *
 * @throws ValidationError RW_INPUT_INVALID for a file that is not expected, or a part given twice; RequestError 400, 413 (a file,
 *   or all other fields together, too large)
 */
export async function readForm(
  request: FastifyRequest,
  { className, input }: Pick<RunnerDescription, 'className' | 'input'>,
  { bodyLimit, fileLimit }: BodyLimits,
  upload: Upload,
): Promise<Form> {
  const limitOf = new Map<string, number>();
  for (const { name, value } of input.fields ?? []) {
    if (value.kind === 'file') limitOf.set(name, value.maxBytes ?? fileLimit);
  }
  const fields = new Map<string, string>();
  const files = new Map<string, StoredFile>();
  const issues: Issue[] = [];
  const large: Issue[] = [];
  let fieldBytes = 0;
  const parts = request.parts({
    limits: {
      fieldSize: bodyLimit,
      fields: MOST_FIELDS,
      files: limitOf.size + 1,
      // Judged below, for each field by its own.
      fileSize: Math.max(fileLimit, ...limitOf.values()) + 1,
    },
  });
  try {
    for await (const part of parts) {
      const { fieldname } = part;
      if (fields.has(fieldname) || files.has(fieldname)) {
        issues.push({
          path: fieldname,
          constraint: 'isUnique',
          message: 'must be given once',
          received: part.type,
        });
      }
      if (part.type === 'field') {
        const text = textOf(part.value);
        fieldBytes += Buffer.byteLength(fieldname) + Buffer.byteLength(text);
        if (part.valueTruncated || fieldBytes > bodyLimit) throw tooMuch();
        fields.set(fieldname, text);
        continue;
      }
      const limit = limitOf.get(fieldname);
      if (limit === undefined) {
        issues.push({
          path: fieldname,
          constraint: 'noFile',
          message: 'must not be a file',
          received: 'file',
        });
        part.file.resume();
        continue;
      }
      const stored = await store(part, limit, await upload.newFile());
      if (stored === undefined) {
        const message = `must have at most ${limit} bytes`;
        large.push({ path: fieldname, constraint: 'maxBytes', message, received: 'a larger file' });
      } else files.set(fieldname, stored);
    }
  } catch (error) {
    // Nobody takes what is left of the body, and the connection's next request comes after it.
    request.raw.unpipe().resume();
    throw formFault(error);
  }
  if (large.length > 0)
    throw new RequestError(413, 'a file is larger than its field takes', 'Send a smaller one', large);
  if (issues.length > 0) throw new ValidationError('input', issues, className);
  return { fields: Object.fromEntries(fields), files: Object.fromEntries(files) };
}

/** A part of type application/json comes parsed. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The file on disk; `undefined` when it is larger than `limit`, and what came after that was read past. */
async function store(part: MultipartFile, limit: number, path: string): Promise<StoredFile | undefined> {
  let size = 0;
  const source = part.file;
  async function* withinLimit(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size <= limit) yield chunk;
    }
  }
  await streamToFile(withinLimit(), path, { mode: 0o600 }).catch((cause: unknown) => {
    throw 'syscall' in (cause as object) ? ioError(cause, path, 'keep the uploaded file') : cause;
  });
  if (size > limit || source.truncated) return undefined;
  // Absent where only its type says that a part is a file.
  const filename = (part.filename as string | undefined) ?? '';
  return {
    path,
    filename: basename(filename.replaceAll('\\', '/')),
    mime: part.mimetype.toLowerCase(),
    size,
  };
}

function formFault(error: unknown): unknown {
  const { code = '', statusCode } = error as { code?: string; statusCode?: number };
  if (statusCode === 413 || code.endsWith('_LIMIT')) {
    return tooMuch();
  }
  if (code.startsWith('RW_') || 'where' in (error as object)) return error;
  return new RequestError(
    400,
    'the body is not a form that is whole',
    'Send multipart/form-data as its Content-Type says',
  );
}

function tooMuch(): RequestError {
  return new RequestError(
    413,
    'the form has more parts, or larger fields, than this server takes',
    'Send less at once',
  );
}
