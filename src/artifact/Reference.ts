import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import { isDigest, type Digest } from './Digest';

/** A parsed `[organization/]repository[:number|:alias][@sha256:hex]`. */
export interface Reference {
  readonly organization: string | undefined;
  readonly repository: string;
  readonly number: number | undefined;
  readonly alias: string | undefined;
  readonly digest: Digest | undefined;
}

const COMPONENT = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const FORM =
  'Write [organization/]repository[:number|:alias][@sha256:hex], for example iris:3 or acme/iris:stable';

/** One component of an OCI name: lower-case letters and digits, joined by single `.`, `_` or `-`. */
export function isNameComponent(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 128 && COMPONENT.test(value);
}

/** An alias: an OCI tag that is not all digits. */
export function isAlias(value: unknown): value is string {
  return typeof value === 'string' && TAG.test(value) && !/^\d+$/.test(value);
}

/** A number that a registry can have given: a positive safe integer. */
export function isModelNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Whether a text is a URL of any scheme that is followed by a host. */
export function isUrl(text: unknown): boolean {
  return typeof text === 'string' && /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** @throws RunwrightError RW_REFERENCE_INVALID; the message does not repeat what may hold a password */
export function parseReference(text: string): Reference {
  if (typeof text !== 'string') {
    const what = `a reference is text, received ${describeType(text)}`;
    throw new RunwrightError('RW_REFERENCE_INVALID', { where: 'reference', what, hint: FORM });
  }
  // What stands before an "@" that no digest follows is what credentials look like; nothing at all would name no place.
  const where = text === '' || isUrl(text) || /@(?!sha256:)/.test(text) ? 'reference' : text;
  const refuse = (what: string) => new RunwrightError('RW_REFERENCE_INVALID', { where, what, hint: FORM });
  if (isUrl(text)) throw refuse('a reference is no URL of that scheme');
  const [name = '', digest, ...moreDigests] = text.split('@');
  if (moreDigests.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw refuse('what follows `@` is not sha256: and 64 hex digits');
  }
  const [path = '', tag, ...moreTags] = name.split(':');
  if (moreTags.length > 0) throw refuse('there is more than one `:`');
  const components = path.split('/');
  if (components.length > 2) throw refuse('there is more than one `/`');
  const bad = components.find((component) => !isNameComponent(component));
  if (bad !== undefined) {
    throw refuse(
      `${JSON.stringify(bad)} is not a name (lower-case letters and digits, joined by single ".", "_" or "-", 128 characters at most)`,
    );
  }
  const number = tag !== undefined && /^\d+$/.test(tag) ? Number(tag) : undefined;
  if (number !== undefined && (!isModelNumber(number) || String(number) !== tag)) {
    throw refuse(`"${tag}" is not a model number (a positive integer, without leading zeros)`);
  }
  if (tag !== undefined && number === undefined && !isAlias(tag))
    throw refuse(`${JSON.stringify(tag)} is not an alias`);
  const [first = '', second] = components;
  return {
    organization: second === undefined ? undefined : first,
    repository: second ?? first,
    number,
    alias: number === undefined ? tag : undefined,
    digest,
  };
}

export function formatReference(reference: {
  organization?: string | undefined;
  repository: string;
  number?: number | undefined;
  alias?: string | undefined;
  digest?: Digest | undefined;
}): string {
  const { organization, repository, number, alias, digest } = reference;
  const tag = number ?? alias;
  return (
    (organization === undefined ? '' : `${organization}/`) +
    repository +
    (tag === undefined ? '' : `:${tag}`) +
    (digest === undefined ? '' : `@${digest}`)
  );
}
