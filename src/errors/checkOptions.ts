import { describeType } from './describeType';
import { RunwrightError } from './RunwrightError';

const KINDS = {
  any: () => true,
  string: (value: unknown) => typeof value === 'string',
  count: (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0,
  function: (value: unknown) => typeof value === 'function',
  object: (value: unknown) => typeof value === 'object' && value !== null,
  list: (value: unknown) => Array.isArray(value),
  strings: (value: unknown) => Array.isArray(value) && value.every((member) => typeof member === 'string'),
  texts: (value: unknown) =>
    describeType(value) === 'object' &&
    Object.values(value as object).every((member) => typeof member === 'string'),
  record: (value: unknown) => describeType(value) === 'object',
  signal: (value: unknown) =>
    typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
} as const;

const EXPECTED: Readonly<Record<keyof typeof KINDS, string>> = {
  any: 'anything',
  string: 'a string',
  count: 'a positive integer',
  function: 'a function',
  object: 'an object',
  list: 'an array',
  strings: 'an array of strings',
  texts: 'a plain object of strings',
  record: 'a plain object',
  signal: 'an AbortSignal',
};

/** What each option of a call must be. */
export type OptionShapes<T> = { readonly [K in keyof Required<T>]: keyof typeof KINDS };

/**
 * Refuses options that TypeScript would have refused: JavaScript users get no other word of a misspelt or mistaken one.
 *
 * @param call for messages: `registerModel`
 * @throws RunwrightError RW_OPTION_INVALID naming the option
 */
export function checkOptions<T extends object>(
  call: string,
  options: unknown,
  shapes: OptionShapes<T>,
): void {
  const refuse = (where: string, what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_OPTION_INVALID', { where, what, hint });
  const known = Object.keys(shapes).join(', ');
  if (describeType(options) !== 'object') {
    throw refuse(
      call,
      `its options are ${describeType(options)}, not a plain object`,
      `Options are ${known}`,
    );
  }
  for (const [key, value] of Object.entries(options as object)) {
    if (!Object.hasOwn(shapes, key))
      throw refuse(`${call}, option \`${key}\``, 'there is no such option', `Options are ${known}`);
    const kind = shapes[key as keyof OptionShapes<T>];
    if (value === undefined || KINDS[kind](value)) continue;
    throw refuse(
      `${call}, option \`${key}\``,
      `it is ${describeType(value)}`,
      `Pass ${EXPECTED[kind]}, or leave it out`,
    );
  }
}
