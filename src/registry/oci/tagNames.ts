import { createHash, randomBytes } from 'node:crypto';
import { hexOf, type Digest } from '../../artifact/Digest';
import { isAlias } from '../../artifact/Reference';

/**
 * What Runwright keeps of a repository stands in the names of its tags, so that one listing tells all of it:
 *
 * - `5`: number 5, a tag of its package;
 * - `_5.20260131T120000000Z.<64 hex>.<8 hex>`: the record of one registration under number 5, of which package and when. It
 *   is never written to again, as its id is random;
 * - `_void.<8 hex>`: the record with this id is void;
 * - `stable`: an alias, a tag of the package of its number;
 * - `_alias.5.20260131T120000000Z.<32 hex>.<8 hex>`: the record that an alias, of which this is a hash, was pointed at number 5.
 */
export type TagName =
  | { readonly kind: 'number'; readonly number: number }
  | NumberRecord
  | { readonly kind: 'void'; readonly id: string }
  | { readonly kind: 'alias'; readonly alias: string }
  | AliasRecord;

export interface NumberRecord {
  readonly kind: 'record';
  readonly number: number;
  /** ISO 8601. */
  readonly time: string;
  readonly digest: Digest;
  /** 8 hex digits. */
  readonly id: string;
}

export interface AliasRecord {
  readonly kind: 'aliasRecord';
  readonly number: number;
  /** ISO 8601. */
  readonly time: string;
  /** What `hashAlias` gives. */
  readonly aliasHash: string;
  readonly id: string;
}

/** A number has at most 15 digits, so that it is a safe integer. */
export const LARGEST_NUMBER = 10 ** 15 - 1;

const TIME = String.raw`(\d{8}T\d{9}Z)`;
const NUMBER = /^[1-9]\d{0,14}$/;
const RECORD = new RegExp(String.raw`^_([1-9]\d{0,14})\.${TIME}\.([0-9a-f]{64})\.([0-9a-f]{8})$`);
const ALIAS_RECORD = new RegExp(
  String.raw`^_alias\.([1-9]\d{0,14})\.${TIME}\.([0-9a-f]{32})\.([0-9a-f]{8})$`,
);
const VOID = /^_void\.([0-9a-f]{8})$/;

/** @returns `undefined` for what is no tag (distribution-spec 1.1, pulling manifests), and for one that neither a number nor an alias can be, such as `007` */
export function parseTagName(tag: string): TagName | undefined {
  if (/^\d+$/.test(tag)) return NUMBER.test(tag) ? { kind: 'number', number: Number(tag) } : undefined;
  const [, ended] = VOID.exec(tag) ?? [];
  if (ended !== undefined) return { kind: 'void', id: ended };
  const record = parseRecord(tag) ?? parseAliasRecord(tag);
  // A registry may list anything, and what it lists is asked for.
  return record ?? (isAlias(tag) ? { kind: 'alias', alias: tag } : undefined);
}

function parseRecord(tag: string): NumberRecord | undefined {
  const [, number, compact, hex, id] = RECORD.exec(tag) ?? [];
  const time = parseTime(compact);
  if (time === undefined || hex === undefined || id === undefined) return undefined;
  return { kind: 'record', number: Number(number), time, digest: `sha256:${hex}`, id };
}

function parseAliasRecord(tag: string): AliasRecord | undefined {
  const [, number, compact, aliasHash, id] = ALIAS_RECORD.exec(tag) ?? [];
  const time = parseTime(compact);
  if (time === undefined || aliasHash === undefined || id === undefined) return undefined;
  return { kind: 'aliasRecord', number: Number(number), time, aliasHash, id };
}

export function formatRecord({ number, time, digest, id }: Omit<NumberRecord, 'kind'>): string {
  return `_${number}.${formatTime(time)}.${hexOf(digest)}.${id}`;
}

export function formatAliasRecord({ number, time, aliasHash, id }: Omit<AliasRecord, 'kind'>): string {
  return `_alias.${number}.${formatTime(time)}.${aliasHash}.${id}`;
}

export function formatVoid(id: string): string {
  return `_void.${id}`;
}

/** An alias may be as long as a tag can be: its record holds a hash of it. */
export function hashAlias(alias: string): string {
  return createHash('sha256').update(alias).digest('hex').slice(0, 32);
}

export function newRecordId(): string {
  return randomBytes(4).toString('hex');
}

/** Without what a tag cannot hold. */
function formatTime(iso: string): string {
  return iso.replace(/[-:.]/g, '');
}

function parseTime(compact: string | undefined): string | undefined {
  const iso = compact?.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z');
  const date = new Date(iso ?? NaN);
  return !Number.isNaN(date.getTime()) && date.toISOString() === iso ? iso : undefined;
}

/**
 * The time of a new record: now, or right behind the one before it where that is later, since clocks differ.
 *
 * @param before ISO 8601, as the result is
 */
export function timeBehind(before: string | undefined, now = Date.now()): string {
  return new Date(Math.max(now, before === undefined ? 0 : Date.parse(before) + 1)).toISOString();
}
