/**
 * How `model.json` spells one value in the place where it stands. JSON's own scalars are themselves; an array is always a
 * tag, never data, so no key or value of the user's can be mistaken for one.
 */
export type Slot =
  | string
  | number
  | boolean
  | null
  | readonly ['undefined']
  /** `NaN`, `Infinity`, `-Infinity` or `-0`. */
  | readonly ['number', string]
  | readonly ['bigint', string]
  | readonly ['ref', number];
