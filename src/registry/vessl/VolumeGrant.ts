import { isRecord } from '../../artifact/isRecord';

/** What the platform lends for a while: a place in an object store, and the keys to it. */
export interface VolumeGrant {
  /** `gs` is Google's; everything else speaks S3. */
  readonly provider: string;
  readonly bucket: string;
  /** What stands before every path on the volume, as the platform writes it. */
  readonly prefix: string;
  readonly region: string;
  /** Absent for Amazon's own service. */
  readonly endpoint?: string | undefined;
  /** Absent when the platform gave none. */
  readonly keys?: SessionKeys | undefined;
}

export interface SessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** @returns undefined when the answer of `federate` is not what the platform describes */
export function parseVolumeGrant(answer: unknown): VolumeGrant | undefined {
  if (!isRecord(answer) || !isRecord(answer['token'])) return undefined;
  const { bucket, prefix, region, endpoint, token } = answer;
  const provider = token['provider'];
  if (typeof bucket !== 'string' || bucket === '' || typeof provider !== 'string') return undefined;
  return {
    provider,
    bucket,
    prefix: typeof prefix === 'string' ? prefix : '',
    region: typeof region === 'string' ? region : '',
    endpoint: typeof endpoint === 'string' && endpoint !== '' ? endpoint : undefined,
    keys: parseKeys(token['s3']),
  };
}

function parseKeys(value: unknown): SessionKeys | undefined {
  if (!isRecord(value)) return undefined;
  const { access_key_id, secret_access_key, session_token, expiration } = value;
  if (typeof access_key_id !== 'string' || typeof secret_access_key !== 'string') return undefined;
  const expires = typeof expiration === 'string' ? Date.parse(expiration.replace(' ', 'T')) : NaN;
  return {
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
    sessionToken: typeof session_token === 'string' ? session_token : '',
    // Without a time they are asked for again when the store refuses them.
    expires: Number.isNaN(expires) ? Infinity : expires,
  };
}
