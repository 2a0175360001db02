import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import type { ImageIndex } from '../../artifact/imageIndex';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import type { ModelEntry, RepositoryName } from '../Registry';

/**
 * How numbers and aliases stand in a repository's image index:
 *
 * - a number is an entry tagged with its digits;
 * - an alias is an entry tagged with the alias, for the same manifest, that says which number it stands for. When the
 *   number moves to another package its aliases move along: they point at the number, which a digest alone cannot tell
 *   (two numbers may have one package);
 * - a package that a number pointed at before is an untagged entry, the latest last.
 *
 * Entries that are none of these come from other tools: they stay as they are.
 */

type Annotations = Readonly<Record<string, string>>;

/** Every number, ordered. */
export function readModels(index: ImageIndex, name: RepositoryName): ModelEntry[] {
  const aliases = new Map<number, string[]>();
  const history = new Map<number, { digest: Digest; supersededAt: string }[]>();
  for (const entry of index.manifests) {
    const alias = aliasOf(entry);
    if (alias !== undefined) listAt(aliases, alias.number).push(alias.name);
    const former = formerNumberOf(entry);
    if (former !== undefined) {
      const supersededAt = entry.annotations?.[ANNOTATIONS.supersededAt] ?? '';
      listAt(history, former).unshift({ digest: entry.digest, supersededAt });
    }
  }
  const models: ModelEntry[] = [];
  for (const entry of index.manifests) {
    const number = numberOf(entry);
    if (number === undefined) continue;
    const servable = isServable(entry);
    models.push({
      organization: name.organization,
      repository: name.repository,
      number,
      digest: servable ? entry.digest : null,
      servable,
      registeredAt: servable ? (entry.annotations?.[ANNOTATIONS.registeredAt] ?? null) : null,
      aliases: (aliases.get(number) ?? []).sort(),
      history: history.get(number) ?? [],
    });
  }
  return models.sort((a, b) => a.number - b.number);
}

/** One more than the largest number there ever was. */
export function nextNumber(index: ImageIndex): number {
  return (
    index.manifests.reduce((max, entry) => Math.max(max, numberOf(entry) ?? formerNumberOf(entry) ?? 0), 0) +
    1
  );
}

/**
 * Points a number, new or not, at a manifest, and its aliases with it. What it pointed at before stays, untagged; a
 * reservation does not. The same package once more changes nothing, so that a repeated call is harmless.
 *
 * @param time ISO 8601
 */
export function pointNumber(
  index: ImageIndex,
  number: number,
  manifest: Descriptor,
  time: string,
): ImageIndex {
  const before = index.manifests.find((entry) => numberOf(entry) === number);
  if (before?.digest === manifest.digest) return index;
  const tagged = (annotations: Annotations): Descriptor => ({ ...manifest, annotations });
  const numbered = tagged({
    [ANNOTATIONS.refName]: String(number),
    ...(isServable(manifest) ? { [ANNOTATIONS.registeredAt]: time } : {}),
  });
  const manifests = index.manifests.map((entry) => {
    if (entry === before) return numbered;
    const alias = aliasOf(entry);
    return alias?.number === number ? tagged(aliasAnnotations(alias.name, number)) : entry;
  });
  if (before === undefined) manifests.push(numbered);
  else if (isServable(before)) manifests.push(superseded(before, number, time));
  return { ...index, manifests };
}

/** Points an alias at a number that is there, wherever it pointed before. */
export function pointAlias(index: ImageIndex, alias: string, number: number): ImageIndex {
  const target = index.manifests.find((entry) => numberOf(entry) === number);
  if (target === undefined) return index;
  const others = index.manifests.filter((entry) => entry.annotations?.[ANNOTATIONS.refName] !== alias);
  return { ...index, manifests: [...others, { ...target, annotations: aliasAnnotations(alias, number) }] };
}

/** The entry of a package, whether or not a number points at it still. */
export function findPackage(index: ImageIndex, digest: Digest): Descriptor | undefined {
  return index.manifests.find((entry) => entry.digest === digest && isServable(entry));
}

function isServable(entry: Descriptor): boolean {
  return entry.artifactType !== MEDIA_TYPES.reservation;
}

function superseded(entry: Descriptor, number: number, time: string): Descriptor {
  const annotations: Record<string, string> = {
    ...entry.annotations,
    [ANNOTATIONS.formerNumber]: String(number),
    [ANNOTATIONS.supersededAt]: time,
  };
  delete annotations[ANNOTATIONS.refName];
  return { ...entry, annotations };
}

function aliasAnnotations(alias: string, number: number): Annotations {
  return { [ANNOTATIONS.refName]: alias, [ANNOTATIONS.number]: String(number) };
}

function numberOf(entry: Descriptor): number | undefined {
  return parseNumber(entry.annotations?.[ANNOTATIONS.refName]);
}

function aliasOf(entry: Descriptor): { name: string; number: number } | undefined {
  const name = entry.annotations?.[ANNOTATIONS.refName];
  const number = parseNumber(entry.annotations?.[ANNOTATIONS.number]);
  return name === undefined || number === undefined || parseNumber(name) !== undefined
    ? undefined
    : { name, number };
}

function formerNumberOf(entry: Descriptor): number | undefined {
  return parseNumber(entry.annotations?.[ANNOTATIONS.formerNumber]);
}

function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

function listAt<T>(map: Map<number, T[]>, key: number): T[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}
