import { describeType } from './describeType';
import { readProperty } from './readProperty';

/**
 * A property of something that was thrown, as text: an object stands there as its type.
 *
 * @returns `undefined` where there is none, or it cannot be read
 * @example textOf(Object.assign(new Error(), { message: 10n }), 'message') // '10'
 */
export function textOf(thrown: unknown, name: string): string | undefined {
  const value = readProperty(thrown, name);
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return undefined;
    case 'bigint':
    case 'boolean':
    case 'number':
    case 'symbol':
      return String(value);
    default:
      return describeType(value);
  }
}
