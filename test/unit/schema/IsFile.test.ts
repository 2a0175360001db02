import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { IsFile } from '../../../src/schema/IsFile';
import { toUploadedFile } from '../../../src/schema/toUploadedFile';
import { UploadedFile } from '../../../src/schema/UploadedFile';
import { issuesOf, mustCreate, valueOf } from './mustCreate';

class Photo {
  @IsFile({ mime: ['image/*', 'Application/PDF'], maxBytes: 100 }) image!: UploadedFile;
  @IsOptional() @IsFile() notes?: UploadedFile;
  @IsOptional() @IsString() title?: string;
}
const stored = { path: '/srv/secret', filename: 'cat.png', mime: 'image/png', size: 100 };

describe('a property with @IsFile', () => {
  const schema = mustCreate(Photo);
  const issues = (image: unknown) => issuesOf(schema, { image });

  it('takes the files of the server as they are', () => {
    const image = toUploadedFile(stored);
    const notes = toUploadedFile({ ...stored, mime: 'anything', size: 1e9 });
    const value = valueOf(schema, { image, notes, title: 'Cat' }) as Photo;
    expect(value).toBeInstanceOf(Photo);
    expect(value.image).toBe(image);
    expect(value.notes).toBe(notes);
  });

  it.each(['image/png', 'IMAGE/PNG', 'image/svg+xml; charset=utf-8', 'application/pdf'])(
    'takes %s',
    (mime) => {
      expect(issues(toUploadedFile({ ...stored, mime }))).toEqual([]);
    },
  );

  it.each(['text/plain', 'image/', 'image', 'imagex/png', 'application/pdfx', ''])(
    'refuses the type %j',
    (mime) => {
      expect(issues(toUploadedFile({ ...stored, mime }))).toEqual([
        {
          path: 'image',
          constraint: 'isFile',
          message:
            'image must be a file of type image/* or application/pdf of at most 100 bytes: it is of another type',
          received: 'UploadedFile',
        },
      ]);
    },
  );

  it('refuses a larger one', () => {
    expect(issues(toUploadedFile({ ...stored, size: 101 })).map(({ message }) => message)).toEqual([
      'image must be a file of type image/* or application/pdf of at most 100 bytes: it is larger',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['what JSON can say of a file', stored, 'object'],
    ['a path', '/etc/passwd', 'string'],
    ['bytes', Buffer.from('x'), 'Buffer'],
    ['a copy of one', { ...toUploadedFile(stored) }, 'object'],
    [
      'an object with its prototype',
      Object.assign(Object.create(UploadedFile.prototype), {}),
      'UploadedFile',
    ],
    ['nothing', undefined, 'undefined'],
    ['an array of one', [toUploadedFile(stored)], 'array'],
  ])('refuses %s', (_, image, received) => {
    const message = 'image must be a file: send it as a part of multipart/form-data';
    expect(issues(image)).toEqual([{ path: 'image', constraint: 'isFile', message, received }]);
  });

  it('survives in nested classes and where no type is declared', () => {
    class Album {
      @ValidateNested({ each: true }) @Type(() => Photo) photos!: Photo[];
      @IsArray() loose!: unknown[];
    }
    const image = toUploadedFile(stored);
    const value = valueOf(mustCreate(Album), { photos: [{ image }], loose: [image] }) as Album;
    expect(value.photos[0]?.image).toBe(image);
    expect(value.loose[0]).toBe(image);
  });

  it('is binary text in JSON Schema', () => {
    class One {
      @IsFile({ mime: 'image/png' }) image!: UploadedFile;
      @IsFile({ mime: ['image/png', 'image/jpeg'] }) other!: UploadedFile;
    }
    const { properties, required } = mustCreate(One).jsonSchema();
    expect(properties).toEqual({
      image: { type: 'string', format: 'binary', contentMediaType: 'image/png' },
      other: { type: 'string', format: 'binary' },
    });
    expect(required).toEqual(['image', 'other']);
  });
});

describe('the options of @IsFile', () => {
  it.each([
    { mime: 'png' },
    { mime: '*/png' },
    { mime: [] },
    { mime: [1] },
    { mime: 7 },
    { maxBytes: 0 },
    { maxBytes: 1.5 },
    { maxBytes: '1MB' },
    { size: 1 },
    null,
  ])('must not be %j', (options) => {
    try {
      IsFile(options as never);
    } catch (error) {
      expect(RunwrightError.is(error) && error.code).toBe('RW_OPTION_INVALID');
      return;
    }
    throw new Error('nothing was thrown');
  });
});
