import { isAbsolute, relative } from 'node:path';

/** A place in a file for people: relative to the working directory when it lies below; lines and columns count from 1. */
export function location(file: string, line?: number, column?: number): string {
  const path = relative(process.cwd(), file);
  const shown = path === '' || path.startsWith('..') || isAbsolute(path) ? file : path;
  return [shown, line, column].filter((part) => part !== undefined).join(':');
}

/** The place of an offset (in UTF-16 units) of a source text. */
export function locationAt(file: string, source: string, offset: number): string {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  return location(file, line, offset - before.lastIndexOf('\n'));
}
