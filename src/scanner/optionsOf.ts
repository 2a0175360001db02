import { isRecord } from '../artifact/isRecord';
import { describeType } from '../errors/describeType';
import type { FaultList } from './FaultList';

/** What stands in a decorator's parentheses, where JavaScript can write anything; no options after a fault. */
export function optionsOf<T extends object>(
  written: T,
  decorator: string,
  member: string | symbol | undefined,
  faults: FaultList,
): Partial<T> {
  if (isRecord(written)) return written;
  faults.add(
    member,
    `${decorator} got ${describeType(written)} where its options are expected`,
    'Give it an object of options, or nothing',
  );
  return {};
}
