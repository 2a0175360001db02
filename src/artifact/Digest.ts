/** `sha256:` and 64 lower-case hex digits: the name of some bytes. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && DIGEST.test(value);
}

/** The hex part, which is the file name of a blob in an OCI image layout. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
