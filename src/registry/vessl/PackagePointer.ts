import { canonicalJson } from '../../artifact/canonicalJson';
import { isDigest, type Digest } from '../../artifact/Digest';
import { isRecord } from '../../artifact/isRecord';
import { isStringRecord } from '../../artifact/isStringRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import { POINTER_KEY } from './volumeLayout';

/** What makes a package visible on a volume: the one object that is put last. */
export interface PackagePointer {
  readonly formatVersion: typeof FORMAT_VERSION;
  /** The package that the number points at; its manifest is one of `blobs`. */
  readonly digest: Digest;
  /** ISO 8601. */
  readonly registeredAt: string;
  /** Where the blobs of this package and of the former ones lie: digest to key on the volume. */
  readonly blobs: Readonly<Record<string, string>>;
  /** The latest first. */
  readonly history: readonly { readonly digest: Digest; readonly supersededAt: string }[];
  /** Alias to when it was pointed here, ISO 8601: of two numbers that claim one alias, the later claim holds. */
  readonly aliases: Readonly<Record<string, string>>;
}

export const FORMAT_VERSION = 1;

export function formatPointer(pointer: PackagePointer): Buffer {
  return canonicalJson(pointer);
}

/**
 * @param where for messages: the reference
 * @throws RunwrightError RW_REGISTRY_FORMAT (a newer format), RW_PACKAGE_CORRUPT
 */
export function parsePointer(bytes: Uint8Array, where: string): PackagePointer {
  const refuse = (what: string) =>
    new RunwrightError('RW_PACKAGE_CORRUPT', {
      where: `${where}, ${POINTER_KEY}`,
      what,
      hint: 'Put the file back from a backup, or register the model under a new number',
    });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw refuse('it is not JSON');
  }
  if (!isRecord(value)) throw refuse('it is not an object');
  const { formatVersion, digest, registeredAt, blobs, history, aliases } = value;
  if (typeof formatVersion === 'number' && formatVersion > FORMAT_VERSION) {
    throw new RunwrightError('RW_REGISTRY_FORMAT', {
      where,
      what: `the model was registered in format ${formatVersion}, this Runwright reads up to ${FORMAT_VERSION}`,
      hint: 'Update runwright',
    });
  }
  if (
    formatVersion !== FORMAT_VERSION ||
    !isDigest(digest) ||
    typeof registeredAt !== 'string' ||
    !isStringRecord(blobs) ||
    !Array.isArray(history) ||
    !history.every(isFormer) ||
    !isStringRecord(aliases)
  ) {
    throw refuse('a field of it is missing or has another form');
  }
  if (blobs[digest] === undefined) throw refuse('it does not say where the manifest lies');
  return {
    formatVersion,
    digest,
    registeredAt,
    blobs,
    history: history as PackagePointer['history'],
    aliases,
  };
}

function isFormer(value: unknown): boolean {
  return isRecord(value) && isDigest(value['digest']) && typeof value['supersededAt'] === 'string';
}
