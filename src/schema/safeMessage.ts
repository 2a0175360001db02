import type { ValidationArguments } from 'class-validator';

const HIDDEN_TEXT = 'the value';

/** What a message gets to see instead of the value: text where text is asked for, and nothing else. */
const HIDDEN: object = Object.freeze({ toString: () => HIDDEN_TEXT, toJSON: () => HIDDEN_TEXT });

type Message = string | ((args: ValidationArguments) => string);

/**
 * The message of a broken rule with its constraints filled in and without the value that broke it. `$property` and
 * `$target` are left to class-validator.
 */
export function safeMessage(message: Message, args: ValidationArguments): string {
  try {
    const hidden = { ...args, value: HIDDEN, object: HIDDEN };
    let text = typeof message === 'function' ? message(hidden) : message;
    // Constraints are filled in first, in class-validator's manner: one of them could itself contain `$value`.
    args.constraints?.forEach((constraint: unknown, index) => {
      text = text.replaceAll(`$constraint${index + 1}`, () => constraintText(constraint));
    });
    return text.replaceAll('$value', HIDDEN_TEXT);
  } catch {
    // The message was made from the value itself: then there is none, and a general one is used.
    return '';
  }
}

function constraintText(constraint: unknown): string {
  if (Array.isArray(constraint)) return constraint.join(', ');
  return typeof constraint === 'symbol' ? String(constraint.description) : String(constraint);
}
