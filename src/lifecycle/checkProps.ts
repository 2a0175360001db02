import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { Props } from '../metadata/contexts';

/** Props as a frozen copy. @throws RunwrightError RW_PROPS_INVALID naming the key that is not a string */
export function checkProps(value: unknown, where: string): Props {
  const fault = propsFault(value);
  if (fault !== undefined) {
    throw new RunwrightError('RW_PROPS_INVALID', {
      where,
      what: fault,
      hint: 'Props are a plain object of strings, such as { file: "model.json" }; write everything else to a file in `directory`',
    });
  }
  return Object.freeze({ ...(value as Record<string, string>) });
}

function propsFault(value: unknown): string | undefined {
  const received = describeType(value);
  if (typeof value !== 'object' || value === null || received !== 'object') return `props are ${received}`;
  const bad = Object.entries(value).find(([, member]) => typeof member !== 'string');
  return bad && `prop "${bad[0]}" is ${describeType(bad[1])}, not a string`;
}
