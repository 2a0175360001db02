import { isRecord } from '../../artifact/isRecord';
import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';

/** A boolean among a request's `parameters`; `undefined` where it is absent, and with an issue where it is something else. */
export function readFlag(
  parameters: unknown,
  name: string,
  path: readonly PathSegment[],
  issues: IssueList,
): boolean | undefined {
  if (parameters === undefined || parameters === null) return undefined;
  if (!isRecord(parameters)) return void issues.add(path, 'isObject', 'must be an object', parameters);
  const flag = parameters[name];
  if (flag === undefined || typeof flag === 'boolean') return flag;
  return void issues.add([...path, name], 'isBoolean', 'must be true or false', flag);
}
