/** One thing that is wrong with a value. The value itself is never part of it. */
export interface Issue {
  /** Where in the value: `rows[3].sepalLength`; an empty string is the value itself. */
  path: string;
  /** The rule that was broken, in the field's term: `isNumber`, `max`, `whitelistValidation`, `maxDepth`. */
  constraint: string;
  /** One sentence for people. */
  message: string;
  /** The type of what was received: `string`, `number`, `null`, `array`, `undefined`, a class name. */
  received: string;
}
