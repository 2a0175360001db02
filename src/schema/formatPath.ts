import { shorten } from './shorten';

/** A number is an index of an array or a set; a string is a property or the key of a map. */
export type PathSegment = string | number;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const SHOWN_KEY_LENGTH = 256;

/** @example formatPath(['rows', 3, 'odd key']) // 'rows[3]["odd key"]' */
export function formatPath(segments: readonly PathSegment[]): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else if (!IDENTIFIER.test(segment)) path += `[${JSON.stringify(shorten(segment, SHOWN_KEY_LENGTH))}]`;
    else path += `${path === '' ? '' : '.'}${shorten(segment, SHOWN_KEY_LENGTH)}`;
  }
  return path;
}
