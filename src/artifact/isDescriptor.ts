import { isDigest } from './Digest';
import type { Descriptor } from './Descriptor';
import { isRecord } from './isRecord';
import { isStringRecord } from './isStringRecord';

/** Whether parsed JSON is a content descriptor that can be relied on; members that we do not know are let through. */
export function isDescriptor(value: unknown): value is Descriptor {
  if (!isRecord(value)) return false;
  const { mediaType, digest, size, artifactType, annotations } = value;
  return (
    typeof mediaType === 'string' &&
    isDigest(digest) &&
    Number.isSafeInteger(size) &&
    (size as number) >= 0 &&
    (artifactType === undefined || typeof artifactType === 'string') &&
    (annotations === undefined || isStringRecord(annotations))
  );
}
