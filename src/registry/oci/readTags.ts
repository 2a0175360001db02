import { parseTagName, hashAlias, type AliasRecord, type NumberRecord } from './tagNames';

/** What the tags of a repository say. */
export interface RepositoryTags {
  /** The numbers that there are, ordered. */
  readonly numbers: readonly number[];
  /** Records that are not void, by their number, the oldest first. A number that another tool put there has none. */
  readonly records: ReadonlyMap<number, readonly NumberRecord[]>;
  /** Every alias, ordered, and the records that say which number it follows, the newest first. */
  readonly aliases: ReadonlyMap<string, readonly AliasRecord[]>;
  /** The largest number that was ever given or begun; 0 when there is none. */
  readonly highest: number;
}

/** @param tags in any order */
export function readTags(tags: Iterable<string>): RepositoryTags {
  const numbers = new Set<number>();
  const records: NumberRecord[] = [];
  const voids = new Set<string>();
  const aliases: string[] = [];
  const aliasRecords: AliasRecord[] = [];
  for (const tag of tags) {
    const name = parseTagName(tag);
    if (name?.kind === 'number') numbers.add(name.number);
    else if (name?.kind === 'record') records.push(name);
    else if (name?.kind === 'void') voids.add(name.id);
    else if (name?.kind === 'alias') aliases.push(name.alias);
    else if (name?.kind === 'aliasRecord') aliasRecords.push(name);
  }
  const valid = records.filter(({ id }) => !voids.has(id)).sort(byTime);
  const newestFirst = groupBy(aliasRecords.sort(byTime).reverse(), ({ aliasHash }) => aliasHash);
  return {
    numbers: [...numbers].sort((a, b) => a - b),
    records: groupBy(valid, ({ number }) => number),
    aliases: new Map(aliases.sort().map((alias) => [alias, newestFirst.get(hashAlias(alias)) ?? []])),
    highest: [...numbers, ...records.map(({ number }) => number)].reduce((a, b) => Math.max(a, b), 0),
  };
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** By time; what was written at the same time gets an order that is the same for all who look. */
function byTime(a: NumberRecord | AliasRecord, b: NumberRecord | AliasRecord): number {
  const [left, right] = [a.time + a.id, b.time + b.id];
  return left < right ? -1 : left > right ? 1 : 0;
}
