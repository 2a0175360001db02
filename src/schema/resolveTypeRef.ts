import { describeType } from '../errors/describeType';
import type { Constructor } from '../metadata/Constructor';
import type { ResolvedTypeRef } from '../metadata/TypeRef';

const FORMS = 'Give a class, [Class], or a function that returns either';

/**
 * The class, or the array of one, that a user's reference to a type names. A function is called, so classes that are
 * declared later must exist by now.
 */
export function resolveTypeRef(
  ref: unknown,
): { ok: true; type: ResolvedTypeRef } | { ok: false; what: string; hint: string } {
  if (typeof ref !== 'function' || isClass(ref)) return resolved(ref, 'the type is');
  let type: unknown;
  try {
    type = (ref as () => unknown)();
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : describeType(cause);
    const hint = 'Declare the class before the runner is scanned, or move it to a file of its own';
    return { ok: false, what: `the function that gives the type threw ${reason}`, hint };
  }
  if (type === undefined) {
    return {
      ok: false,
      what: 'the function that gives the type returned undefined',
      hint: 'Two modules probably import each other: move the class to a file of its own, and return it',
    };
  }
  return resolved(type, 'the function that gives the type returned');
}

function resolved(type: unknown, subject: string): ReturnType<typeof resolveTypeRef> {
  if (isClass(type)) return { ok: true, type };
  if (!Array.isArray(type)) return { ok: false, what: `${subject} ${nameOf(type)}`, hint: FORMS };
  const [item] = type as unknown[];
  if (type.length === 1 && isClass(item)) return { ok: true, type: [item] };
  const held = type.length === 1 ? `an array of ${nameOf(item)}` : `an array of ${type.length}`;
  return {
    ok: false,
    what: `${subject} ${held}`,
    hint: `${FORMS}; an array holds one class and nothing else`,
  };
}

function nameOf(value: unknown): string {
  return typeof value === 'function' ? 'a function that is not a class' : describeType(value);
}

/** Functions have a writable `prototype`, arrow functions and methods have none. `Buffer` is older than classes. */
function isClass(value: unknown): value is Constructor {
  if (value === Buffer) return true;
  return (
    typeof value === 'function' &&
    Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false &&
    typeof value.prototype === 'object'
  );
}
