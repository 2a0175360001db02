import { checkOptions } from '../errors/checkOptions';
import { RunwrightError } from '../errors/RunwrightError';
import { deepFreeze } from '../metadata/deepFreeze';
import { fieldRuleDecorator } from './fieldRuleDecorator';

export interface FileOptions {
  /** Accepted media types, as the caller declares them: `image/png`, `image/*`. Default: any. */
  mime?: string | readonly string[];
  /** Most bytes that the file may have. Default: no limit but the server's. */
  maxBytes?: number;
}

const MIME = /^(\*\/\*|[\w!#$&^.+-]+\/(\*|[\w!#$&^.+-]+))$/;

/**
 * A property that holds a file: in the stages, an `UploadedFile`. Over HTTP it comes as a part of `multipart/form-data`; a
 * caller in the same process gives `UploadedFile.from(path)`. Nothing else passes, so no JSON can name a file of the server.
 *
 * @throws RunwrightError RW_OPTION_INVALID for what is no media type or no number of bytes
 *
 * @example
 * class Photo {
 *   @IsFile({ mime: 'image/*', maxBytes: 10_000_000 }) image!: UploadedFile;
 * }
 */
export function IsFile(options: FileOptions = {}): ReturnType<typeof fieldRuleDecorator> {
  checkOptions<FileOptions>('@IsFile()', options, { mime: 'any', maxBytes: 'any' });
  const { maxBytes } = options;
  const mime: readonly string[] | undefined =
    typeof options.mime === 'string' ? [options.mime] : options.mime;
  if (mime !== undefined && !isMimeList(mime)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: '@IsFile(), option `mime`',
      what: 'it is not a media type, nor an array of them',
      hint: 'Pass types such as image/png or image/*, or leave it out',
    });
  }
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: '@IsFile(), option `maxBytes`',
      what: 'it is not a positive integer',
      hint: 'Pass a number of bytes, or leave it out',
    });
  }
  return fieldRuleDecorator(
    'isFile',
    deepFreeze({
      kind: 'file',
      ...(mime !== undefined && { mime: mime.map((type) => type.toLowerCase()) }),
      ...(maxBytes !== undefined && { maxBytes }),
    }),
  );
}

function isMimeList(types: unknown): boolean {
  return (
    Array.isArray(types) &&
    types.length > 0 &&
    types.every((type) => typeof type === 'string' && MIME.test(type))
  );
}
